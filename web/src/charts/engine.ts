/** ECharts, with the parts that are used and no others. Loaded beside the first page that has a chart. */

import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use as withParts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

withParts([BarChart, LineChart, ScatterChart, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, CanvasRenderer]);

export { init };
