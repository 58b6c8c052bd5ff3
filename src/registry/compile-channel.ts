// Steps that make a message.
import { nearest } from "../base/nearest.ts";
import type { ChannelStepDefinition } from "../definition/steps/index.ts";
import type { RetrySettings } from "../definition/steps/when.ts";
import { compileContent } from "./compile-content.ts";
import { compileWhen, report, type CompileContext, type Place } from "./compile-context.ts";
import { checkWhole } from "./compile-settings.ts";
import { compileDuration, compileSendWindow } from "./compile-window.ts";
import type { ChannelStep, StepRetry } from "./structure.ts";

const LONGEST_BACKOFF = 3_600_000;

/** How often a step is tried; `null` when it does not say. */
export function compileRetry(
  context: CompileContext,
  place: Place,
  retry: RetrySettings | undefined,
): StepRetry | null {
  if (retry === undefined) return null;
  const { attempts = 3, backoff = "10s" } = retry;
  checkWhole(context, place, { "retry.attempts": attempts }, [1, 10]);
  const limits = { name: "retry.backoff", longest: LONGEST_BACKOFF };
  return { attempts, backoff: compileDuration(context, place, backoff, limits) };
}

function checkNamed(context: CompileContext, step: ChannelStepDefinition, wanted: string): void {
  const { channels } = context.options;
  const found = channels.find((channel) => channel.key === wanted);
  if (found?.type === step.kind) return;
  if (found) {
    const message = `channel "${wanted}" is of type ${found.type}, this step is ${step.kind}`;
    return report(context, step, message, "name a fitting channel");
  }
  const keys = channels.map((channel) => channel.key);
  const near = nearest(wanted, keys);
  const fix = near ? `did you mean "${near}"?` : "add it to the config's channels";
  report(context, step, `there is no channel "${wanted}"`, fix);
}

function checkChannel(context: CompileContext, step: ChannelStepDefinition): void {
  const wanted = step.settings.channel;
  if (wanted !== undefined) return checkNamed(context, step, wanted);
  const fitting = context.options.channels.filter((channel) => channel.type === step.kind);
  if (fitting.length <= 1) return;
  const keys = fitting.map((channel) => `"${channel.key}"`).join(", ");
  const fix = `say which: channel: "${fitting[0]?.key}"`;
  report(context, step, `there are several ${step.kind} channels: ${keys}`, fix);
}

/** A channel step as structure. */
export function compileChannel(context: CompileContext, step: ChannelStepDefinition): ChannelStep {
  const { settings } = step;
  checkChannel(context, step);
  return {
    kind: step.kind,
    ref: step.ref,
    when: compileWhen(context, step, settings.when),
    channel: settings.channel ?? null,
    sendWindow: compileSendWindow(
      context,
      step,
      settings.sendWindow === undefined ? step.sendWindow : settings.sendWindow,
    ),
    retry: compileRetry(context, step, settings.retry),
    slots: compileContent(context, step),
  };
}
