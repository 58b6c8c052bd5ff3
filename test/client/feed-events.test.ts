import fc from "fast-check";
import { expect, test } from "vitest";
import { eventParser, readEvents } from "../../src/client/feed/event-stream.ts";

const parts = fc.record({
  event: fc.constantFrom("next", "complete", "message"),
  data: fc.array(
    fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/[\r\n]/g, " ")),
    { minLength: 1 },
  ),
  comment: fc.boolean(),
  end: fc.constantFrom("\n", "\r\n", "\r"),
});

const streamOf = (chunks: Uint8Array[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });

test("frames are the same wherever the bytes are split", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(parts), fc.array(fc.nat()), async (frames, cuts) => {
      const text = frames
        .map(({ event, data, comment, end }) => {
          const lines = [
            comment ? ": ping" : `event: ${event}`,
            ...data.map((line) => `data: ${line}`),
            "id: 7",
            "",
            "",
          ];
          return lines.join(end);
        })
        .join("");
      const bytes = new TextEncoder().encode(text);
      const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].toSorted(
        (a, b) => a - b,
      );
      const chunks = places.slice(1).map((place, index) => bytes.slice(places[index], place));
      const read = [];
      for await (const some of readEvents(streamOf(chunks))) read.push(...some);
      // A carriage return that ends everything may be half of a line's end.
      const whole = text.endsWith("\r") ? frames.slice(0, -1) : frames;
      expect(read.slice(0, whole.length)).toEqual(
        whole.map(({ event, data, comment }) => ({ event: comment ? "message" : event, data: data.join("\n") })),
      );
    }),
  );
});

test("what is no frame is none", () => {
  const parse = eventParser();
  expect(parse(": ping\n\n:\n\nevent: next\n\nretry: 3\n\n")).toEqual([]);
  expect(parse("data")).toEqual([]);
  expect(parse(":7\ndata\n\n")).toEqual([{ event: "message", data: "7\n" }]);
});
