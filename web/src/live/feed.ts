/** The WebSocket: one connection for the whole page, the newest message of each model, and whether it is there. */

import { API } from "../api/client";

export interface LiveMessage {
  type: "model";
  model: string;
  version: string;
  at: string;
  health: "healthy" | "degraded" | "unhealthy" | "unknown";
  reason: string;
  total: number;
  minutes: number;
  calls: number;
  errors: number;
  error_rate: number | null;
  latency_s: { p50: number | null; p95: number | null; p99: number | null };
  confidence: number | null;
  low_confidence_rate: number | null;
  classes: Record<string, number>;
  tokens: number;
  cost_usd: string;
  today: LiveUse;
  week: LiveUse;
}

export interface LiveUse {
  calls: number;
  errors: number;
  tokens: number;
  cost_usd: string;
  budget_usd: string | null;
  budget_used: number | null;
  budget: "ok" | "near" | "spent" | null;
}

export type Connection = "connecting" | "open" | "lost";

const SOONEST = 500;
const LATEST = 15_000;
const NOTHING: readonly LiveMessage[] = [];

/** Keeps a connection; after a loss tries again, sooner at first, and at once when the page is looked at. */
export class LiveFeed {
  connection: Connection = "connecting";
  private messages = new Map<string, LiveMessage>();
  private shown = new Map<string, readonly LiveMessage[]>();
  private news = new Set<string>();
  private listeners = new Set<() => void>();
  private socket: WebSocket | null = null;
  private wait = SOONEST;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private frame = 0;

  constructor(private readonly open: (address: string) => WebSocket = (address) => new WebSocket(address)) {}

  start(): () => void {
    this.connect();
    const look = () => document.visibilityState === "visible" && this.connection === "lost" && this.connect();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      clearTimeout(this.timer);
      cancelAnimationFrame(this.frame);
      const socket = this.socket;
      this.socket = null;
      socket?.close();
    };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Each version of a model; the same array until something of this model changes, so that nothing else is drawn anew. */
  of = (model: string | null): readonly LiveMessage[] => (model === null ? NOTHING : (this.shown.get(model) ?? NOTHING));
  state = (): Connection => this.connection;

  private connect(): void {
    clearTimeout(this.timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = this.open(`${scheme}://${location.host}${API}/live`);
    this.socket = socket;
    socket.onopen = () => {
      this.wait = SOONEST;
      this.become("open");
    };
    socket.onmessage = (event: MessageEvent<string>) => this.take(event.data);
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.become("lost");
      this.timer = setTimeout(() => this.connect(), this.wait);
      this.wait = Math.min(this.wait * 2, LATEST);
    };
  }

  private take(text: string): void {
    const message = JSON.parse(text) as LiveMessage;
    this.messages.set(`${message.model}\n${message.version}`, message);
    this.news.add(message.model);
    this.frame ||= requestAnimationFrame(() => this.show());
  }

  private show(): void {
    this.frame = 0;
    const all = [...this.messages.values()];
    for (const model of this.news) this.shown.set(model, all.filter((each) => each.model === model)); // prettier-ignore
    this.news.clear();
    this.tell();
  }

  private become(state: Connection): void {
    this.connection = state;
    this.tell();
  }

  private tell(): void {
    this.listeners.forEach((listener) => listener());
  }
}
