"""The commands that need Dagster, as `aimon` lists them. Quick to import: what they do is in modules of their own."""

from aimon.cli.registry import Command

RUN = Command("aimon_pipelines.run:run", "Materialise days of a model through Dagster, in this process.")
UP = Command("aimon_pipelines.up:up", "Start the API and Dagster here, and look after them until Ctrl-C.")
