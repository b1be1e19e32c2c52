"""Reports a model's predictions to aimon, and watches the model in its own process."""

from aimon_client.client import Client
from aimon_client.export import as_json, openmetrics
from aimon_client.jsonlog import JsonFormatter
from aimon_client.monitor import Monitor
from aimon_client.prices import Price, Prices, Usage, read_prices
from aimon_client.sealing import SealingUnavailableError
from aimon_client.wrapped import MonitoredModel

__all__ = [
    "Client", "JsonFormatter", "Monitor", "MonitoredModel", "Price", "Prices", "SealingUnavailableError", "Usage",
    "as_json", "openmetrics", "read_prices",
]  # fmt: skip
