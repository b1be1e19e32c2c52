/** Every report there is: read here in a box that can reach nothing, or taken away as HTML, PDF, JSON or CSV. */

import { useReports } from "../../api/queries";
import type { ReportsOf } from "../../api/types";
import { FilterBar, useFilters } from "../../filters/FilterBar";
import { useUrl } from "../../filters/url";
import { Dialog } from "../../kit/Dialog";
import { Panel } from "../../kit/Panel";
import { Empty, Loaded } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { dayOf, plural } from "../../words/format";

const NAMES: Record<string, string> = { html: "Page", pdf: "PDF", json: "JSON", csv: "CSV", week: "Week", evidently: "Evidently" };

export default function Reports() {
  const { model } = useFilters();
  const [url, change] = useUrl();
  const reports = useReports(model);
  const [day, form] = [url.get("day"), url.get("form")];
  const shown = reports.data?.items.find((each) => each.day === day);
  const columns: readonly TableColumn<ReportsOf>[] = [
    { id: "day", title: "Day", value: (each) => each.day, cell: (each) => <strong>{dayOf(each.day)}</strong> },
    { id: "date", title: "Date", value: (each) => each.day, wide: true },
    {
      id: "read",
      title: "Read here",
      sorts: false,
      value: () => "",
      cell: (each) => (
        <span className="row wrap">
          {(["html", "week", "evidently"] as const)
            .filter((name) => each.forms[name])
            .map((name) => (
              <button key={name} type="button" className="button small" onClick={() => change({ day: each.day, form: name })}>
                {NAMES[name]}
              </button>
            ))}
        </span>
      ),
    },
    {
      id: "take",
      title: "Take away",
      sorts: false,
      value: (each) => Object.keys(each.forms).join(" "),
      cell: (each) => (
        <span className="row wrap">
          {Object.entries(each.forms).map(([name, address]) => (
            <a key={name} href={address} download={`${each.model}-${each.day}.${name === "week" || name === "evidently" ? "html" : name}`} className="chip" aria-label={`Save ${NAMES[name] ?? name} of ${each.day}`}>
              {NAMES[name] ?? name}
            </a>
          ))}
        </span>
      ),
    },
  ];
  const last = reports.data?.items[0];
  return (
    <>
      <div className="page-head">
        <h1>Reports</h1>
        {reports.data && <p className="lead">{last ? `${plural(reports.data.items.length, "day")} of ${model} ${reports.data.items.length === 1 ? "has" : "have"} reports; the newest is of ${dayOf(last.day)}.` : `${model ?? "No model"} has no report yet.`}</p>}
        <FilterBar version={false} time={false} />
      </div>
      <Panel title="Reports by day" flush actions={<CsvButton title={`reports of ${model}`} columns={columns.filter((each) => each.sorts !== false || each.id === "take")} rows={reports.data?.items ?? []} />}>
        <Loaded query={reports} lines={8}>
          {(data) => (data.items.length ? <Table label="Reports" columns={columns} rows={data.items} keyOf={(each) => `${each.model}${each.day}`} /> : <Empty title="No report yet">A day's report is made when the day is analysed.</Empty>)}
        </Loaded>
      </Panel>
      {shown && form && shown.forms[form] && (
        <Dialog open onClose={() => change({ day: null, form: null })} width={1200} title={`${NAMES[form] ?? form} of ${shown.model}, ${dayOf(shown.day)}`}>
          <iframe className="report" title={`Report of ${shown.day}`} src={shown.forms[form]} />
        </Dialog>
      )}
    </>
  );
}
