/** The alert centre: what became of notices, how the channels do, who is told what and when, what is held back. */

import { useChannels, useSilences } from "../../api/queries";
import { Tabs } from "../../kit/Tabs";
import { listed, plural } from "../../words/format";
import { Channels } from "./Channels";
import { Notices } from "./Notices";
import { PlatformStatus } from "./Platform";
import { Routes } from "./Routes";
import { Rules } from "./Rules";
import { Silences } from "./Silences";

const TABS = [
  { id: "notices", title: "Notices", content: () => <Notices /> },
  { id: "channels", title: "Channels", content: () => <Channels /> },
  { id: "routes", title: "Routes", content: () => <Routes /> },
  { id: "silences", title: "Silences", content: () => <Silences /> },
  { id: "rules", title: "Rules", content: () => <Rules /> },
  { id: "platform", title: "Platform", content: () => <PlatformStatus /> },
];

export default function Alerts() {
  const channels = useChannels();
  const silences = useSilences(false);
  const failing = channels.data?.items.filter((each) => each.failures > 0).map((each) => each.channel) ?? [];
  const held = silences.data?.items.length ?? 0;
  const said = failing.length
    ? `${listed(failing)} ${failing.length === 1 ? "does" : "do"} not deliver now; notices wait and are tried again.`
    : `Every channel delivers.`;
  return (
    <>
      <div className="page-head">
        <h1>Alert centre</h1>
        {channels.data && (
          <p className="lead">
            {channels.data.items.length === 0 ? "No channel was used yet." : said} {held === 0 ? "Nothing is silenced." : `${plural(held, "silence")} ${held === 1 ? "holds" : "hold"} or ${held === 1 ? "is" : "are"} to come.`}
          </p>
        )}
      </div>
      <Tabs label="Alert centre" tabs={TABS} />
    </>
  );
}
