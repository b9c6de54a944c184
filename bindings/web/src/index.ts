/**
 * `@hearken/web`: decides in the page which message a person sees, shows it, and keeps a journal of it.
 *
 * Importing does nothing: no storage, no network, no page is needed until `createClient`.
 */
export { createClient, HearkenClient } from "./client.js";
export { HearkenError } from "./error.js";
export type { ErrorCode } from "./error.js";
export type { WasmSource } from "./engine/module.js";
export type {
  Answers, AttributeOp, Card, CardAction, Decision, Diagnostic, Explanation, HostValues, Inbox, Json, Outcome, Purpose, Reason, Rejection, Span, Touch, Words,
} from "./engine/api.js";
export type { Action, Block, Button, Field, Image, Inline, Layout, Message, Page, Preference, Text } from "./message.js";
export type {
  Answer, ClientEvents, ClientOptions, Consent, Delegate, ExportBatch, InboxView, PlaybookSource, Presentation, Properties, Receipt, Renderer, RendererHost, Report, Status, TrackVerdict,
} from "./types.js";
