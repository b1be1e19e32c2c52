"""The platform as a Dagster resource: opened when a run or a tick starts, closed when it ends."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from aimon.platform import Platform, open_platform


@dg.resource(
    config_schema={"root": dg.Field(str, description="the folder of aimon.yaml")},
    description="The project's models, lake, profiles and operations database.",
)
@contextmanager
def platform(context: dg.InitResourceContext) -> Iterator[Platform]:
    """Give steps and sensors the engine's `Platform`."""
    with open_platform(context.resource_config["root"]) as opened:
        yield opened
