// The completion scripts. Everything is written out, so that a Tab starts no process; only the keys of workflows are
// asked for, where one is meant.
import type { Place, Values, Word } from "./words.ts";

export const shells = ["bash", "zsh", "fish"] as const;

/** A shell that completes. */
export type Shell = (typeof shells)[number];

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

const KEYS = "$(knock completion --workflows 2>/dev/null)";

/** In bash and zsh: the words for a kind of value. */
const wordsOf = (values: Values): string => (values === "workflow" ? KEYS : (values ?? []).join(" "));

const lines = (parts: readonly string[]): string => parts.join("\n");

/** The walk from word to word that bash and zsh share: `at` becomes the command, `flag` the option before the cursor. */
const caseOf = (places: readonly Place[], body: (place: Place) => string): string =>
  lines(places.map((place) => `    ${quoted(place.path)}) ${body(place)} ;;`));

/** The values of options that have some to offer. */
const valueCases = (places: readonly Place[]): string =>
  lines(
    places.flatMap(({ path, values }) =>
      values
        .filter((one) => one.values !== null)
        .map(({ flag, values: kind }) => `    ${quoted(`${path} ${flag}`)}) found="${wordsOf(kind)}" ;;`),
    ),
  );

const paths = (places: readonly Place[]): string =>
  places
    .filter(({ path }) => path !== "")
    .map(({ path }) => quoted(path))
    .join("|");

const texts = (words: readonly Word[]): string => words.map(({ text }) => text).join(" ");

/** Sets `found` from `at`, `flag` and the number of arguments. */
const search = (places: readonly Place[]): string => `  if [[ -n $flag ]]; then
    case "$at $flag" in
${valueCases(places)}
    esac
  elif [[ $cur == -* ]]; then
    case "$at" in
${caseOf(places, ({ options }) => `found="${texts(options)}"`)}
    esac
  elif [[ $arguments == 0 ]]; then
    case "$at" in
${caseOf(places, ({ commands, argument }) => `found="${commands.length > 0 ? texts(commands) : wordsOf(argument)}"`)}
    esac
  fi`;

/** Whether the option before a word takes it as its value. */
const takes = (places: readonly Place[]): string => {
  const flags = new Set(places.flatMap(({ values }) => values.map(({ flag }) => flag)));
  return [...flags].join("|");
};

const walk = (
  places: readonly Place[],
  first: string,
): string => `  local at="" flag="" found="" arguments=0 i word next
  for ((i = ${first}; i < $1; i++)); do
    word="\${words[i]}"
    if [[ -n $flag ]]; then flag=""; continue; fi
    case "$word" in
      ${takes(places)}) flag="$word"; continue ;;
      -*) continue ;;
    esac
    next="\${at:+$at }$word"
    case "$next" in
      ${paths(places)}) at="$next" ;;
      *) arguments=$((arguments + 1)) ;;
    esac
  done`;

function bash(places: readonly Place[]): string {
  return `# Completion of knock for bash. In ~/.bashrc:  source <(knock completion bash)
_knock_find() {
  local cur="$2"
  local -a words=("\${COMP_WORDS[@]}")
${walk(places, "1")}
${search(places)}
  COMPREPLY=($(compgen -W "$found" -- "$cur"))
}
_knock() { _knock_find "$COMP_CWORD" "\${COMP_WORDS[COMP_CWORD]}"; }
complete -o default -F _knock knock
`;
}

function zsh(places: readonly Place[]): string {
  return `#compdef knock
# Completion of knock for zsh. In ~/.zshrc, after compinit:  source <(knock completion zsh)
_knock_find() {
  local cur="$2"
${walk(places, "2")}
${search(places)}
  reply=(\${=found})
}
_knock() {
  local -a reply
  _knock_find "$CURRENT" "\${words[CURRENT]}"
  if (( $#reply )); then compadd -a reply; else _files; fi
}
(( $+functions[compdef] )) && compdef _knock knock
`;
}

function fish(places: readonly Place[]): string {
  const rules = places.flatMap(({ path, commands, options, values, argument }) => {
    const here = `-n ${quoted(`__knock_at ${quoted(path)}`)}`;
    const inside = `complete -c knock ${here}`;
    return [
      ...commands.map(({ text, meaning }) => `${inside} -f -a ${text} -d ${quoted(meaning)}`),
      ...(argument === null ? [] : [`${inside} -f -a ${fishWords(argument)}`]),
      ...options.map(({ text, meaning }) => {
        const taken = values.find(({ flag }) => flag === text);
        const kind = taken ? (taken.values === null ? " -r" : ` -x -a ${fishWords(taken.values)}`) : "";
        return `${inside} -l ${text.slice(2)}${kind} -d ${quoted(meaning)}`;
      }),
    ];
  });
  return `# Completion of knock for fish:  knock completion fish > ~/.config/fish/completions/knock.fish
function __knock_at
  set -l path
  set -l skip 0
  for word in (commandline -opc)[2..-1]
    if test $skip = 1; set skip 0; continue; end
    switch $word
      case ${takes(places).replaceAll("|", " ")}
        set skip 1
      case '-*'
      case '*'
        if contains -- "$path $word" ${places.map(({ path }) => quoted(` ${path}`)).join(" ")}
          set path "$path $word"
        end
    end
  end
  test (string trim -- "$path") = "$argv[1]"
end
complete -c knock -f
${lines(rules)}
`;
}

const fishWords = (values: Values): string =>
  values === "workflow" ? `'(knock completion --workflows 2>/dev/null)'` : quoted((values ?? []).join(" "));

const render: Record<Shell, (places: readonly Place[]) => string> = { bash, zsh, fish };

/** The script with which a shell completes the commands of a program. */
export const completionScript = (shell: Shell, places: readonly Place[]): string => render[shell](places);
