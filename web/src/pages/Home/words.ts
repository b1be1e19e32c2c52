/** The fleet in one or two sentences. */

import type { FleetModel } from "../../api/types";
import { listed, plural } from "../../words/format";

export function inWords(models: readonly FleetModel[]): string {
  const watched = models.filter((each) => !each.retired);
  if (watched.length === 0) return "No model is watched yet.";
  const of = (state: string) => watched.filter((each) => each.health === state);
  const [critical, warning, late] = [of("critical"), of("warning"), of("late")];
  const calm = of("ok").length;
  const told: string[] = [];
  if (critical.length) told.push(`${listed(names(critical), 3)} ${critical.length === 1 ? "needs" : "need"} somebody now. ${critical.length > 1 ? "The worst: " : ""}${critical[0]?.newest_incident?.title ?? critical[0]?.why ?? ""}`);
  if (warning.length) told.push(`${listed(names(warning), 3)} ${warning.length === 1 ? "has a warning" : "have warnings"}`);
  if (late.length) told.push(`${plural(late.length, "model")} ${late.length === 1 ? "was" : "were"} not analysed in time`);
  if (calm === watched.length) return calm === 1 ? "The one model is as it should be." : `All ${calm} models are as they should be.`;
  if (calm) told.push(`${plural(calm, "model")} ${calm === 1 ? "is" : "are"} as it should be`.replace("are as it", "are as they"));
  return `${told.map((each) => each.replace(/\.$/, "")).join(". ")}.`;
}

function names(models: readonly FleetModel[]): string[] {
  return models.map((each) => each.model);
}

export function matches(model: FleetModel, text: string, state: string | null): boolean {
  const asked = text.trim().toLowerCase();
  const told = [model.model, model.owner, model.task, model.description].join(" ").toLowerCase();
  return told.includes(asked) && (!state || model.health === state);
}
