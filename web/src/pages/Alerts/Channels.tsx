/** How each channel is doing: delivering, failing, or resting after failures. */

import { useChannels } from "../../api/queries";
import type { Channel } from "../../api/types";
import { Mark } from "../../kit/Mark";
import { Panel } from "../../kit/Panel";
import { Empty, Loaded } from "../../kit/States";
import { CsvButton, Table, type TableColumn } from "../../kit/Table";
import { Time } from "../../kit/Time";

const STATES: Record<string, { of: string; word: string }> = {
  ok: { of: "ok", word: "Delivers" },
  failing: { of: "warning", word: "Fails" },
  resting: { of: "critical", word: "Rests" },
  unused: { of: "unknown", word: "Not used yet" },
  undeclared: { of: "unknown", word: "Not declared" },
};

const COLUMNS: readonly TableColumn<Channel>[] = [
  { id: "channel", title: "Channel", value: (each) => each.channel, cell: (each) => <strong>{each.channel}</strong> },
  { id: "kind", title: "Kind", value: (each) => each.kind },
  { id: "state", title: "State", value: (each) => each.state, cell: (each) => <Mark of={STATES[each.state]?.of ?? "unknown"} word={STATES[each.state]?.word ?? each.state} /> },
  { id: "failures", title: "Failures in a row", number: true, value: (each) => each.failures },
  { id: "delivered", title: "Last delivered", value: (each) => each.delivered_at, cell: (each) => <Time at={each.delivered_at} relative /> },
  { id: "rests", title: "Rests until", value: (each) => each.rests_until_at, cell: (each) => <Time at={each.rests_until_at} />, wide: true },
  { id: "error", title: "Last error", value: (each) => each.last_error, wrap: true, wide: true },
];

export function Channels() {
  const channels = useChannels();
  return (
    <Panel title="Channels" flush actions={<CsvButton title="channels" columns={COLUMNS} rows={channels.data?.items ?? []} />}>
      <Loaded query={channels}>
        {(data) => (data.items.length ? <Table label="Channels" columns={COLUMNS} rows={data.items} keyOf={(each) => each.channel} /> : <Empty title="No channel was used yet" />)}
      </Loaded>
    </Panel>
  );
}
