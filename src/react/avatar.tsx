import { useState } from "react";
import type { FeedItem } from "../client/feed/types.ts";
import { BellIcon } from "./icons.tsx";

type Actor = FeedItem["actors"][number];

const HUES = 8;
const SHOWN = 2;

/** `Ada Lovelace` is `AL`, also where a letter is more than one code unit. */
function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0]!, words.at(-1)!] : words;
  return letters
    .map((word) => [...word][0] ?? "")
    .join("")
    .toLocaleUpperCase();
}

/** The same person has the same colour everywhere. */
const hueOf = (id: string): number =>
  [...id].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 9_973, 7) % HUES;

function Face({ actor }: { actor: Actor }) {
  // A picture that is gone leaves the initials.
  const [broken, setBroken] = useState(false);
  const name = actor.name ?? actor.id;
  return (
    <span className={`knock-face knock-hue-${hueOf(actor.id)}`}>
      {actor.avatar && !broken ? (
        <img src={actor.avatar} alt="" loading="lazy" onError={() => setBroken(true)} />
      ) : (
        <span>{initialsOf(name)}</span>
      )}
    </span>
  );
}

/** Those who did something; the text of the item names them, so screen readers need not. */
export function Avatars({ item: { actors, actorCount } }: { item: FeedItem }) {
  const shown = actors.slice(0, actorCount > SHOWN ? 1 : SHOWN);
  const others = actorCount - shown.length;
  return (
    <span
      className={`knock-avatar${shown.length + Math.min(1, others) > 1 ? " knock-avatar-pair" : ""}`}
      aria-hidden="true"
    >
      {shown.map((actor) => (
        <Face key={actor.id} actor={actor} />
      ))}
      {others > 0 && <span className="knock-face knock-face-more">+{others > 9 ? 9 : others}</span>}
      {shown.length === 0 && (
        <span className="knock-face knock-face-none">
          <BellIcon size={18} />
        </span>
      )}
    </span>
  );
}
