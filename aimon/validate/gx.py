"""The names of Great Expectations that validation uses. Importing this takes seconds, so functions import it.

Its import uses deprecated parts of Python and changes the filters of warnings; neither is seen outside.
"""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from great_expectations import ExpectationSuite, get_context
    from great_expectations.compatibility.pydantic import PrivateAttr
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.core.metric_domain_types import MetricDomainTypes
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
    from great_expectations.expectations.core.expect_table_columns_to_match_set import ExpectTableColumnsToMatchSet
    from great_expectations.expectations.core.expect_table_row_count_to_be_between import ExpectTableRowCountToBeBetween
    from great_expectations.expectations.expectation import (
        BatchExpectation,
        Expectation,
    )
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.metrics.metric_provider import MetricProvider, metric_value
    from great_expectations.validator.v1_validator import Validator

__all__ = [
    "BatchDefinition",
    "BatchExpectation",
    "ExpectTableColumnsToMatchSet",
    "ExpectTableRowCountToBeBetween",
    "Expectation",
    "ExpectationConfiguration",
    "ExpectationSuite",
    "MetricDomainTypes",
    "MetricProvider",
    "PandasExecutionEngine",
    "PrivateAttr",
    "ProgressBarsConfig",
    "Validator",
    "get_context",
    "metric_value",
]
