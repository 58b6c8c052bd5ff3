// The page on which a person chooses what to get. One form: it works without scripts.
import { headingOf } from "../../base/names.ts";
import type { ChannelTypeName } from "../../definition/preference-set.ts";
import type {
  CategoryPreferences,
  PreferenceGrid,
  PreferenceSwitch,
  WorkflowPreferences,
} from "../../engine/directory/preference-grid.ts";
import { type Row, rowsOf, type Turn } from "../../engine/links/turn-switches.ts";
import type { Branding } from "./branding.ts";
import { type Html, html } from "./html.ts";
import { pageOf } from "./page.ts";
import { byChannel, columnNames } from "./words.ts";

/** What the page tells about what was sent off before. */
export type Notice = "saved" | "failed" | null;

const COMMERCIAL = "commercial";

/** A switch in the form: no spaces in it. */
const idOf = ({ section, key }: Pick<Row, "section" | "key">, channelType: ChannelTypeName): string =>
  [section, encodeURIComponent(key), channelType].join("/");

/** The form as it was shown, so that only what a person turned is changed, whatever happened in between. */
function shownBy(grid: PreferenceGrid): { on: string[]; off: string[] } {
  const shown = rowsOf(grid).flatMap((row) =>
    row.switches
      .filter(({ changeable }) => changeable)
      .map(({ channelType, enabled }) => ({ id: idOf(row, channelType), enabled })),
  );
  if (grid.commercial?.changeable) shown.push({ id: COMMERCIAL, enabled: grid.commercial.enabled });
  const ids = (which: boolean) => shown.filter(({ enabled }) => enabled === which).map(({ id }) => id);
  return { on: ids(true), off: ids(false) };
}

/** What a person turned, from the form as it came back. */
export function turnedIn(form: URLSearchParams, grid: PreferenceGrid): { turns: Turn[]; commercial: boolean | null } {
  const checked = new Set(form.getAll("on"));
  const wasOn = new Set(form.get("was-on")?.split(" "));
  const wasOff = new Set(form.get("was-off")?.split(" "));
  const turned = (id: string) => (checked.has(id) ? wasOff.has(id) : wasOn.has(id));
  const turns = rowsOf(grid).flatMap((row) =>
    row.switches.flatMap(({ channelType }): Turn[] => {
      const id = idOf(row, channelType);
      const { section, key } = row;
      return turned(id) ? [{ section, key, channelType, enabled: checked.has(id) }] : [];
    }),
  );
  return { turns, commercial: turned(COMMERCIAL) ? checked.has(COMMERCIAL) : null };
}

/** A row as it is drawn. */
interface Line extends Row {
  /** What switches are of, for those who hear the page: `Weekly digest`. */
  name: string;
  head: Html;
  /** `all`, `whole` or nothing, and `commercial`. */
  classes: string;
}

function switchOf(line: Line, one: PreferenceSwitch): Html {
  const { channelType, enabled, conditional, changeable } = one;
  const label = `${line.name} ${byChannel[channelType]}${conditional ? ", depending on the message" : ""}`;
  return html`<input
    type="checkbox"
    name="on"
    value="${idOf(line, channelType)}"
    aria-label="${label}"
    ${enabled && html` checked`}${!changeable && html` disabled`}
  />`;
}

function cellOf(line: Line, channelType: ChannelTypeName): Html {
  const found = line.switches.find((one) => one.channelType === channelType);
  return found
    ? html`<td class="${channelType}" data-type="${columnNames[channelType]}">${switchOf(line, found)}</td>`
    : html`<td class="none">
        <span aria-hidden="true">–</span><span class="hidden">not ${byChannel[channelType]}</span>
      </td>`;
}

const lineOf = (line: Line, types: readonly ChannelTypeName[]): Html =>
  html`<tr class="${line.classes}">
    <th scope="row">${line.head}</th>
    ${types.map((type) => cellOf(line, type))}
  </tr> `;

function tableOf({ title, lines, classes = "" }: Section, { channelTypes }: PreferenceGrid): Html {
  // The same columns everywhere, so that they stand below each other.
  const types = channelTypes.map(({ channelType }) => channelType);
  return html`<section class="${classes}">
    <h2>${title}</h2>
    <table aria-label="${title}">
      <colgroup>
        <col />
        ${types.map((type) => html`<col class="type ${type}" />`)}
      </colgroup>
      <thead>
        <tr>
          <td><span class="hidden">Notification</span></td>
          ${types.map((type) => html`<th scope="col">${columnNames[type]}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${lines.map((line) => lineOf(line, types))}
      </tbody>
    </table>
  </section> `;
}

/** Rows under one heading. */
interface Section {
  title: string;
  lines: readonly Line[];
  classes?: string;
}

const isLocked = ({ switches }: WorkflowPreferences): boolean => switches.every(({ changeable }) => !changeable);

function workflowLine(workflow: WorkflowPreferences, { name: tenant }: Branding): Line {
  const { key, name, description, switches, required, commercial, categories } = workflow;
  const tag = required ? "Always sent" : isLocked(workflow) ? `Set by ${tenant ?? "the sender"}` : null;
  const also = categories.slice(1);
  return {
    section: "workflows",
    key,
    switches,
    name,
    classes: commercial ? "commercial" : "",
    head: html`${name}${tag && html` <span class="tag">${tag}</span>`}${description && html`<small>${description}</small>`}${also.length > 0 && html`<small>Also in ${also.map(headingOf).join(", ")}</small>`}`,
  };
}

/** The workflows that are drawn in a category which is not their first one are only named. */
function categoryLine(
  { name, workflows, switches }: CategoryPreferences,
  own: readonly WorkflowPreferences[],
  grid: PreferenceGrid,
): Line {
  const drawn = new Set(own.map(({ key }) => key));
  const others = grid.workflows.filter(({ key }) => workflows.includes(key) && !drawn.has(key)).map((one) => one.name);
  const head = html`Everything in this group${others.length > 0 && html`<small>Also ${others.join(", ")}</small>`}`;
  return { section: "categories", key: name, switches, name: `All of ${headingOf(name)}`, classes: "whole", head };
}

function sectionsOf(grid: PreferenceGrid, branding: Branding): Section[] {
  const groups = Map.groupBy(grid.workflows, ({ categories }) => categories[0] ?? null);
  const linesOf = (category: string | null) => groups.get(category)?.map((one) => workflowLine(one, branding)) ?? [];
  const sections = grid.categories.map((category): Section => {
    const { name } = category;
    return { title: headingOf(name), lines: [categoryLine(category, groups.get(name) ?? [], grid), ...linesOf(name)] };
  });
  const rest = { title: sections.length > 0 ? "Other notifications" : "Notifications", lines: linesOf(null) };
  return rest.lines.length > 0 ? [...sections, rest] : sections;
}

function everythingOf({ channelTypes: switches }: PreferenceGrid): Section {
  const head = html`All notifications<small>Off here is off for everything below.</small>`;
  const line: Line = { section: "channelTypes", key: "", switches, name: "All notifications", classes: "all", head };
  return { title: "Everything", lines: [line], classes: "everything" };
}

const commercialOf = ({ commercial }: PreferenceGrid): Html | null =>
  commercial &&
  html`<section class="offers">
    <label class="option" for="${COMMERCIAL}"
      ><span>News and offers<small>Messages that advertise something.</small></span>
      <input
        type="checkbox"
        id="${COMMERCIAL}"
        name="on"
        value="${COMMERCIAL}"
        ${commercial.enabled && html` checked`}${!commercial.changeable && html` disabled`}
    /></label>
  </section> `;

const noticeOf = (notice: Notice): Html | null => {
  if (notice === "saved") return html`<p class="notice" role="status">Your preferences are saved.</p>`;
  if (notice === "failed")
    return html`<p class="notice bad" role="alert">This could not be saved. Nothing was changed.</p>`;
  return null;
};

function formOf(grid: PreferenceGrid, branding: Branding): Html {
  const { on, off } = shownBy(grid);
  return html`<form method="post" action="?">
    <input type="hidden" name="was-on" value="${on.join(" ")}" />
    <input type="hidden" name="was-off" value="${off.join(" ")}" />
    ${tableOf(everythingOf(grid), grid)}${commercialOf(grid)}${sectionsOf(grid, branding).map((section) => tableOf(section, grid))}
    <div class="bar"><button type="submit">Save preferences</button></div>
  </form>`;
}

/** The page of preferences of one person. */
export function preferencesPage(grid: PreferenceGrid, branding: Branding, notice: Notice): Response {
  const from = branding.name === null ? "you get" : `${branding.name} sends you`;
  return pageOf({
    title: "Notification preferences",
    branding,
    body: html`<h1>Notification preferences</h1>
      <p class="lead">Choose what ${from}, and how.</p>
      ${noticeOf(notice)}
      ${grid.workflows.length > 0 ? formOf(grid, branding) : html`<p>There is nothing to choose yet.</p>`}`,
  });
}
