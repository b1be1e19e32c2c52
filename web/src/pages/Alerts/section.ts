/** A part of aimon.yaml written back as a whole, by whoever saw how it stands; and what is asked anew afterwards. */

import { put, type Tagged } from "../../api/client";
import type { Section } from "../../api/types";

export const TOUCHED = ["section", "routes", "silences", "changes", "explained", "audit"];

export function writeSection(name: "routes" | "silences" | "notices" | "calendars", section: Tagged<Section>, value: unknown, reason: string) {
  return put(`/settings/${name}`, { value, reason }, section.tag ?? `"${section.value.sha256}"`);
}
