/** Model, version, segment, group and time, all of them in the address. A page asks for those it understands. */

import { useEffect } from "react";

import { useFleet, useVersions } from "../api/queries";
import { Field, Input, Segmented, Select } from "../kit/Form";
import { type Filters, filtersOf, useUrl } from "./url";

interface Props {
  version?: boolean;
  time?: boolean;
  segments?: readonly string[];
  groups?: readonly string[];
}

const RANGES = [
  { value: "24h", label: "24 h" },
  { value: "7d", label: "7 d" },
  { value: "30d", label: "30 d" },
  { value: "custom", label: "Custom" },
];

/** The filters, where a page about one model has one: the first model, worst first, if the address names none. */
export function useFilters(): Filters {
  const [params, change] = useUrl();
  const fleet = useFleet();
  const filters = filtersOf(params);
  const first = fleet.data?.items[0]?.model ?? null;
  useEffect(() => {
    if (filters.model === null && first !== null) change({ model: first });
  }, [filters.model, first, change]);
  return { ...filters, model: filters.model ?? first };
}

export function FilterBar({ version = true, time = true, segments, groups }: Props) {
  const [, change] = useUrl();
  const filters = useFilters();
  const fleet = useFleet();
  const versions = useVersions(version ? filters.model : null);
  const models = fleet.data?.items.map((each) => each.model).sort() ?? [];
  return (
    <div className="filters" role="search" aria-label="Filters">
      <Field label="Model">
        <Select
          value={filters.model ?? ""}
          onChange={(event) => change({ model: event.target.value, version: null, segment: null, group: null, column: null, day: null })}
          choices={known(models, filters.model).map(plain)}
        />
      </Field>
      {version && (versions.data?.items.length ?? 0) > 1 && (
        <Field label="Version">
          <Select
            value={filters.version ?? ""}
            onChange={(event) => change({ version: event.target.value })}
            choices={[{ value: "", label: "All" }, ...known(versions.data?.items.map((each) => each.version) ?? [], filters.version).map(plain)]}
          />
        </Field>
      )}
      {segments && segments.length > 0 && (
        <Field label="Segment">
          <Select
            value={filters.segment ?? ""}
            onChange={(event) => change({ segment: event.target.value })}
            choices={[{ value: "", label: "All rows" }, ...known(segments, filters.segment).map(plain)]}
          />
        </Field>
      )}
      {groups && groups.length > 0 && (
        <Field label="Group">
          <Select
            value={filters.group ?? ""}
            onChange={(event) => change({ group: event.target.value })}
            choices={[{ value: "", label: "All groups" }, ...known(groups, filters.group).map(plain)]}
          />
        </Field>
      )}
      {time && <TimeFilter filters={filters} change={change} />}
    </div>
  );
}

function TimeFilter({ filters, change }: { filters: Filters; change: ReturnType<typeof useUrl>[1] }) {
  const today = new Date();
  const choose = (range: string) => {
    if (range !== "custom") return change({ range: range === "30d" ? null : range, from: null, to: null });
    const past = new Date(today.getTime() - 14 * 86_400_000);
    return change({ range: null, from: past.toISOString().slice(0, 10), to: today.toISOString().slice(0, 10) });
  };
  return (
    <>
      <div className="field">
        <span>Time</span>
        <Segmented label="Time" choices={RANGES} value={filters.range} onChange={choose} />
      </div>
      {filters.range === "custom" && (
        <>
          <Field label="From (UTC day)">
            <Input type="date" value={filters.from ?? ""} max={filters.to ?? undefined} onChange={(event) => change({ from: event.target.value })} />
          </Field>
          <Field label="To">
            <Input type="date" value={filters.to ?? ""} min={filters.from ?? undefined} onChange={(event) => change({ to: event.target.value })} />
          </Field>
        </>
      )}
    </>
  );
}

function plain(value: string) {
  return { value, label: value };
}

/** A choice that the address names is among the choices, even where nothing has it any more. */
function known(choices: readonly string[], chosen: string | null): readonly string[] {
  return chosen && !choices.includes(chosen) ? [chosen, ...choices] : choices;
}
