// What the entries with a client have in common.

export { HearkenClient } from "./client.js";
export { HearkenError } from "./error.js";
export type { ErrorCode } from "./error.js";
export type { WasmSource } from "./engine/module.js";
export type {
  Answers, AttributeOp, Card, CardAction, Context, Cue, Decision, Diagnostic, Explanation, HostValues, Inbox, Input, Json, Metric, Needs, Outcome, Person, Purpose, Reason, Rejection, Span, Step, SuccessReport, Theme, Touch,
  Verdict, Words,
} from "./engine/api.js";
export type { Action, Block, Button, Field, Image, Inline, Layout, Message, Page, Preference, Text } from "./message.js";
export type {
  Answer, AnyClient, AttributeValue, ClientEvents, ClientOptions, Consent, Delegate, EventName, EventProperties, ExportBatch, Exporter, InboxView, OpenPlan, PlanOf, PlaybookSource, Presentation,
  Properties, Receipt, Renderer, RendererHost, Report, Status, TrackVerdict,
} from "./types.js";
