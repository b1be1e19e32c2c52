// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";

import { LiveFeed, type LiveMessage } from "./feed";

class Socket {
  static made: Socket[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor(readonly address: string) {
    Socket.made.push(this);
  }
  close() {
    this.onclose?.();
  }
}

const message = (model: string, total: number) => JSON.stringify({ type: "model", model, version: "1", total });

beforeEach(() => {
  Socket.made = [];
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "requestAnimationFrame", "cancelAnimationFrame"] });
});

function started(): LiveFeed {
  const feed = new LiveFeed((address) => new Socket(address) as unknown as WebSocket);
  feed.start();
  return feed;
}

it("keeps the newest message of each model, and tells once for many", () => {
  const feed = started();
  const told = vi.fn();
  Socket.made[0]?.onopen?.();
  feed.subscribe(told);
  for (const total of [1, 2, 3]) Socket.made[0]?.onmessage?.({ data: message("a", total) });
  vi.advanceTimersByTime(50);
  expect(feed.of("a").map((each: LiveMessage) => each.total)).toEqual([3]);
  expect(told).toHaveBeenCalledTimes(1);
});

it("leaves a model as it was when another one has news", () => {
  const feed = started();
  Socket.made[0]?.onopen?.();
  for (const model of ["a", "b"]) Socket.made[0]?.onmessage?.({ data: message(model, 1) });
  vi.advanceTimersByTime(50);
  const [a, b] = [feed.of("a"), feed.of("b")];
  Socket.made[0]?.onmessage?.({ data: message("b", 2) });
  vi.advanceTimersByTime(50);
  expect(feed.of("a")).toBe(a);
  expect(feed.of("b")).not.toBe(b);
  expect(feed.of("b").map((each: LiveMessage) => each.total)).toEqual([2]);
});

it("says that the connection is lost, and tries again later and later until it is there", () => {
  const feed = started();
  Socket.made[0]?.onopen?.();
  expect(feed.state()).toBe("open");
  Socket.made[0]?.onclose?.();
  expect(feed.state()).toBe("lost");
  vi.advanceTimersByTime(500);
  expect(Socket.made).toHaveLength(2);
  Socket.made[1]?.onclose?.();
  vi.advanceTimersByTime(500);
  expect(Socket.made).toHaveLength(2);
  vi.advanceTimersByTime(500);
  Socket.made[2]?.onopen?.();
  expect(feed.state()).toBe("open");
});
