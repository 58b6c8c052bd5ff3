// An application that shows notifications with the published components of the hosted product.
import {
  KnockFeedProvider,
  KnockProvider,
  NotificationFeed,
  NotificationFeedPopover,
  NotificationIconButton,
  useKnockFeed,
} from "@knocklabs/react";
// @ts-expect-error bundled as text; the package has no types of its style sheet.
import css from "@knocklabs/react/dist/index.css";
import { useRef, useState } from "react";
import { createRoot } from "react-dom/client";

const given = new URLSearchParams(location.hash.slice(1));
const option = (name: string) => given.get(name) ?? "";

function Bell() {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <NotificationIconButton ref={button} onClick={() => setOpen(!open)} />
      <NotificationFeedPopover buttonRef={button} isVisible={open} onClose={() => setOpen(false)} />
    </>
  );
}

/** What a test looks at and presses, beside what people do. */
function Panel() {
  const { feedClient, useFeedStore } = useKnockFeed();
  const { metadata, items } = useFeedStore();
  Object.assign(globalThis, { feed: feedClient });
  return (
    <pre id="state">
      {JSON.stringify({ ...metadata, items: items.map(({ data, read_at: read }) => [data?.["text"], read !== null]) })}
    </pre>
  );
}

const app = (
  <KnockProvider apiKey={option("key")} host={option("host")} user={{ id: option("user") }} userToken={option("token")}>
    <style>{css as string}</style>
    <KnockFeedProvider feedId={option("feed")}>
      <div style={{ display: "flex", gap: 24 }}>
        <Bell />
        {option("list") === "yes" && <NotificationFeed />}
      </div>
      <Panel />
    </KnockFeedProvider>
  </KnockProvider>
);

createRoot(document.querySelector("#root")!).render(app);
