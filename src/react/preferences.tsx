"use client";
// A settings page: what comes, and which way.
import { useId } from "react";
import type {
  PreferenceChange,
  PreferenceRow,
  PreferencesState,
  PreferenceSwitch,
} from "../client/preferences/types.ts";
import { CloudOffIcon, LockIcon } from "./icons.tsx";
import { useKnock } from "./provider.tsx";
import { usePreferences } from "./use-feed.ts";

/** What `Preferences` takes. */
export interface PreferencesProps {
  /** What the rows are. Default: `categories`, and `workflows` where there are none. */
  by?: "categories" | "workflows" | undefined;
  /** The heading; `null` for none. */
  title?: string | null | undefined;
}

type ChannelType = PreferenceSwitch["channelType"];

const ORDER: readonly ChannelType[] = ["IN_APP", "EMAIL", "SMS", "PUSH", "CHAT", "WEBHOOK"];

/** The columns: the kinds of channel that any row has. */
const columnsOf = (rows: readonly PreferenceRow[]) =>
  ORDER.filter((type) => rows.some(({ switches }) => switches.some(({ channelType }) => channelType === type)));

function Switch({ row, one, turn }: { row: PreferenceRow; one: PreferenceSwitch; turn(enabled: boolean): void }) {
  const { words } = useKnock();
  const { changeable, conditional, enabled } = one;
  const hint = changeable ? (conditional ? words.conditional : undefined) : words.required;
  return (
    <button
      type="button"
      role="switch"
      className="knock-switch"
      aria-checked={enabled}
      aria-disabled={!changeable}
      aria-label={`${row.name}: ${words.channels[one.channelType]}`}
      aria-description={hint}
      title={hint}
      data-conditional={conditional}
      onClick={() => changeable && turn(!enabled)}
    >
      <span className="knock-knob">{!changeable && <LockIcon size={10} />}</span>
    </button>
  );
}

function Row({
  row,
  columns,
  turn,
}: {
  row: PreferenceRow;
  columns: readonly ChannelType[];
  turn(type: ChannelType, enabled: boolean): void;
}) {
  const { words } = useKnock();
  return (
    <tr>
      <th scope="row" className="knock-row-name">
        <span className="knock-row-title" dir="auto">
          {row.name}
        </span>
        {row.required && <span className="knock-tag">{words.required}</span>}
        {row.description && (
          <span className="knock-row-hint" dir="auto">
            {row.description}
          </span>
        )}
      </th>
      {columns.map((type) => {
        const one = row.switches.find(({ channelType }) => channelType === type);
        return (
          <td key={type} data-channel={words.channels[type]}>
            {one && <Switch row={row} one={one} turn={(enabled) => turn(type, enabled)} />}
          </td>
        );
      })}
    </tr>
  );
}

interface GridProps {
  section: PreferenceChange["section"];
  rows: readonly PreferenceRow[];
  labelledBy: string;
  set(change: PreferenceChange): Promise<unknown>;
}

function Grid({ section, rows, labelledBy, set }: GridProps) {
  const { words } = useKnock();
  const columns = columnsOf(rows);
  return (
    <table className="knock-grid" aria-labelledby={labelledBy}>
      <thead>
        <tr>
          <td />
          {columns.map((type) => (
            <th key={type} scope="col">
              {words.channels[type]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row
            key={row.key}
            row={row}
            columns={columns}
            turn={(channelType, enabled) => void set({ section, key: row.key, channelType, enabled })}
          />
        ))}
      </tbody>
    </table>
  );
}

/** Why there is no grid. */
function Missing({ status, refresh }: Pick<PreferencesState, "status"> & { refresh(): Promise<unknown> }) {
  const { words } = useKnock();
  if (status === "loading")
    return (
      <div className="knock-loading" role="status">
        <span className="knock-hidden">{words.loading}</span>
        {[0, 1, 2].map((index) => (
          <div className="knock-skeleton" key={index} aria-hidden="true">
            <span className="knock-bone knock-bone-text" />
          </div>
        ))}
      </div>
    );
  return (
    <div className="knock-notice" role="alert">
      <span className="knock-notice-icon">
        <CloudOffIcon size={26} />
      </span>
      <p className="knock-notice-title">{status === "offline" ? words.offline : words.failed}</p>
      <button type="button" className="knock-button" onClick={() => void refresh()}>
        {words.retry}
      </button>
    </div>
  );
}

/**
 * What the person of the nearest `KnockProvider` wants to receive: a row for each category or workflow, a switch for
 * each kind of channel in it.
 *
 * @example <Preferences by="workflows" />
 */
export function Preferences({ by, title }: PreferencesProps) {
  const { words, theme } = useKnock();
  const { grid, status, error, set, refresh } = usePreferences();
  const id = useId();
  const section = by ?? (grid && grid.categories.length === 0 ? "workflows" : "categories");
  return (
    <section className="knock-root knock-preferences" data-knock-theme={theme} aria-labelledby={id}>
      <h2 className={title === null ? "knock-hidden" : "knock-title"} id={id}>
        {title ?? words.preferences}
      </h2>
      {grid ? (
        <Grid section={section} rows={grid[section]} labelledBy={id} set={set} />
      ) : (
        <Missing status={status} refresh={refresh} />
      )}
      <p className="knock-problem" role="alert">
        {grid && error && words.notSaved}
      </p>
    </section>
  );
}
