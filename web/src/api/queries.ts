/** Every question that pages ask the API, with how long its answer stays good. One hook a question. */

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { get, getTagged, part, type Query } from "./client";
import type {
  About, Audited, Baseline, Calibration, Changed, Channel, Distribution, DriftSnapshot, Explained, Incident,
  IncidentDetail, Key, ModelDetail, Notice, Overview, Page, Records, ReportsOf, Route, Section, Series, Silence, Status,
  Summary, Thresholds, User, Version,
} from "./types"; // prettier-ignore

const SOON = 15_000;
const CALM = 60_000;

const overview = (query: Query) => ({ queryKey: ["overview", query], queryFn: () => get<Overview>("/monitoring/overview", query) });

/** Every model and how it is doing, without its numbers: what every page needs. */
export const FLEET = overview({ brief: true, limit: 500 });
export const useFleet = () => useQuery({ ...FLEET, refetchInterval: SOON });

/** The lines with their numbers and months: the worst at first, then all, for together they are large. */
export const WORST = overview({ limit: 50 });
const ALL = overview({ limit: 500 });

export function useOverview() {
  const worst = useQuery({ ...WORST, refetchInterval: ({ state }) => (state.data?.next ? false : SOON) });
  const all = useQuery({ ...ALL, enabled: Boolean(worst.data?.next), refetchInterval: SOON });
  return all.data ? all : worst;
}

export const useIncidents = (query: Query) =>
  useInfiniteQuery({
    queryKey: ["incidents", query],
    queryFn: ({ pageParam }) => get<Page<Incident>>("/monitoring/incidents", { ...query, limit: 100, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: SOON,
    placeholderData: keepPreviousData,
  });

export const useIncident = (id: number | null) =>
  useQuery({
    queryKey: ["incident", id],
    queryFn: () => get<IncidentDetail>(`/monitoring/incidents/${id}`),
    enabled: id !== null,
    refetchInterval: SOON,
  });

const ofModel = <T>(model: string | null, key: string, path: (model: string) => string, query: Query = {}) => ({
  queryKey: [key, model, query],
  queryFn: () => get<T>(path(part(model ?? "")), query),
  enabled: model !== null,
  staleTime: CALM,
  placeholderData: keepPreviousData,
});

export const useTrends = (model: string | null, query: Query) =>
  useQuery(ofModel<Page<Series>>(model, "trends", (name) => `/monitoring/trends/${name}`, query));

export const useDistribution = (model: string | null, query: Query) =>
  useQuery({ ...ofModel<Distribution>(model, "distributions", (name) => `/monitoring/distributions/${name}`, query), retry: false });

export const useCalibration = (model: string | null, query: Query) =>
  useQuery({ ...ofModel<Calibration>(model, "calibration", (name) => `/monitoring/calibration/${name}`, query), retry: false });

export const useSummary = (model: string | null, day: string | null) =>
  useQuery({ ...ofModel<Summary>(model, "summary", (name) => `/monitoring/summary/${name}`, { day }), retry: false });

export const useSnapshots = (model: string | null, query: Query) =>
  useQuery(ofModel<Page<DriftSnapshot>>(model, "snapshots", (name) => `/monitoring/drift-snapshots/${name}`, query));

export const useRecords = (model: string | null, query: Query) =>
  useQuery({
    queryKey: ["records", model, query],
    queryFn: () => get<Records>("/monitoring/records", { ...query, model }),
    enabled: model !== null,
    staleTime: CALM,
    placeholderData: keepPreviousData,
  });

export const useModel = (model: string | null) => useQuery(ofModel<ModelDetail>(model, "model", (name) => `/models/${name}`));

export const useVersions = (model: string | null) =>
  useQuery(ofModel<Page<Version>>(model, "versions", (name) => `/models/${name}/versions`));

export const useThresholds = (model: string | null) =>
  useQuery({
    queryKey: ["thresholds", model],
    queryFn: () => getTagged<Thresholds>(`/models/${part(model ?? "")}/thresholds`),
    enabled: model !== null,
  });

export const useModelFile = (model: string | null) =>
  useQuery({
    queryKey: ["file", model],
    queryFn: () => getTagged<{ file: string; text: string }>(`/models/${part(model ?? "")}/file`),
    enabled: model !== null,
  });

export const useBaselines = (model: string | null) =>
  useQuery({
    queryKey: ["baselines", model],
    queryFn: () => get<Page<Baseline>>("/monitoring/baselines", { model }),
    enabled: model !== null,
  });

export const useReports = (model: string | null) =>
  useQuery({ queryKey: ["reports", model], queryFn: () => get<Page<ReportsOf>>("/reports", { model, limit: 200 }), staleTime: CALM });

export const useRoutes = () => useQuery({ queryKey: ["routes"], queryFn: () => get<Page<Route>>("/routes"), refetchInterval: SOON });

export const useExplained = (query: Query, enabled: boolean) =>
  useQuery({ queryKey: ["explained", query], queryFn: () => get<Explained>("/routes/explain", query), enabled, retry: false });

export const useSilences = (ended: boolean) =>
  useQuery({ queryKey: ["silences", ended], queryFn: () => get<Page<Silence>>("/silences", { ended }), refetchInterval: SOON });

export const useNotices = (query: Query) =>
  useInfiniteQuery({
    queryKey: ["notices", query],
    queryFn: ({ pageParam }) => get<Page<Notice>>("/notices", { ...query, limit: 100, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: SOON,
  });

export const useChannels = () =>
  useQuery({ queryKey: ["channels"], queryFn: () => get<Page<Channel>>("/channels"), refetchInterval: SOON });

export const useSection = (section: string, enabled = true) =>
  useQuery({ queryKey: ["section", section], queryFn: () => getTagged<Section>(`/settings/${section}`), enabled });

export const useUsers = () => useQuery({ queryKey: ["users"], queryFn: () => get<Page<User>>("/users") });
export const useKeys = () => useQuery({ queryKey: ["keys"], queryFn: () => get<Page<Key>>("/keys") });
export const useChanges = () => useQuery({ queryKey: ["changes"], queryFn: () => get<Page<Changed>>("/declarations/changes") });

export const useAudit = (query: Query) =>
  useInfiniteQuery({
    queryKey: ["audit", query],
    queryFn: ({ pageParam }) => get<Page<Audited>>("/audit", { ...query, limit: 100, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const useStatus = () => useQuery({ queryKey: ["status"], queryFn: () => get<Status>("/monitoring/status"), refetchInterval: SOON });
export const useAbout = () => useQuery({ queryKey: ["about"], queryFn: () => get<About>("/about"), staleTime: Infinity, retry: false });
