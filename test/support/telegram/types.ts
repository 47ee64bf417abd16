/** What the stand-in of Telegram offers to tests and to `pryx dev`. Everything is plain JSON, so that it can be spoken to from another process. */
import type { Message, MessageEntity, ReactionType, Update, User } from 'grammy/types';
import type { Clock } from '../../../local-agent/core/clock.ts';
import type { Random } from '../../../local-agent/core/random.ts';

export interface TelegramServerOptions {
  /** 0 or nothing: any free port of 127.0.0.1. */
  port?: number;
  clock?: Clock;
  random?: Random;
  /** Default: `123456:` and 35 characters made at start. */
  token?: string;
  /** Default: `pryx_dev_bot`. */
  username?: string;
  firstName?: string;
  /** False is Telegram's "privacy mode": in groups the bot then sees only commands, mentions and replies to it. Default: true. */
  readsAllGroupMessages?: boolean;
  /** Ids of messages go on from here, where an earlier stand-in has served the same bot. Default: 0. */
  lastMessageId?: number;
  webhook?: WebhookOptions;
  flood?: FloodOptions;
  /** Milliseconds for which a pressed button may be answered. Default: 15 minutes. */
  callbackLifetimeMs?: number;
  /** How many events, calls and updates are remembered at least. Default: 20,000. */
  history?: number;
  /** Like a self-hosted Bot API server: webhooks may be plain HTTP, on any port and address. False refuses what Telegram's own servers refuse. Default: true. */
  localMode?: boolean;
  /** Offers `/control/…` on the same port (see `connectTelegramServer`). Default: false. */
  control?: boolean;
}

export interface WebhookOptions {
  /** The first failure is retried at once, the n-th after 2^(n-1) times this, as Telegram does with 1,000. Default: 1,000. */
  retryBaseMs?: number;
  /** Longest wait between two tries, `Retry-After` included. Default: 60,000. */
  retryCapMs?: number;
  /** Default: 60,000. */
  answerTimeoutMs?: number;
  /** How long 410 has to be answered before the webhook is removed. Telegram: 23 hours. Default: 0, the first 410 removes it. */
  goneAfterMs?: number;
  /** How long an update is kept. Default: 24 hours. */
  lifetimeMs?: number;
}

export interface FloodOptions {
  /** True: too fast is answered with 429. False: it is recorded only. Default: false. */
  enforce?: boolean;
  /** Messages a second in one chat. Default: 1. */
  perChatPerSecond?: number;
  /** Messages that may follow each other at once in one chat. Default: 1. */
  burst?: number;
  /** Messages a minute in one group. Default: 20. */
  perGroupPerMinute?: number;
  /** Messages a second over all chats. Default: 30. */
  perSecond?: number;
  /** Whether edits count as messages. Default: false. */
  countEdits?: boolean;
}

export type UserId = number;
export type ChatId = number;

export interface UserProfile {
  id?: UserId;
  firstName?: string;
  lastName?: string;
  username?: string;
  languageCode?: string;
  isBot?: boolean;
}

export interface GroupProfile {
  title?: string;
  members: readonly UserId[];
  username?: string;
  /** Supergroups only: topics are on. */
  forum?: boolean;
}

/** Where and how something is said. Nothing given: in the private chat with the bot. */
export interface SayOptions {
  chat?: ChatId;
  /** `message_thread_id` of a topic. */
  thread?: number;
  /** `message_id` of the message that this replies to. */
  replyTo?: number;
  /** In addition to those that Telegram finds by itself (commands, mentions, links, …). */
  entities?: MessageEntity[];
  /** Further fields of the message, laid over what the stand-in makes. */
  fields?: Partial<Message> & Record<string, unknown>;
  delivery?: DeliveryOptions;
}

export interface FileToSend {
  name?: string;
  mediaType?: string;
  caption?: string;
  width?: number;
  height?: number;
  /** Seconds. */
  duration?: number;
  /** The content, for `getFile` and the download: text, or base64 when `base64` is set. */
  content?: string;
  base64?: boolean;
  /** Size to claim, when no content is given. */
  bytes?: number;
}

export type MediaKind =
  | 'photo'
  | 'document'
  | 'voice'
  | 'audio'
  | 'video'
  | 'video_note'
  | 'animation'
  | 'sticker'
  | 'contact'
  | 'location'
  | 'venue'
  | 'poll'
  | 'dice';

/** How one update travels to the webhook. */
export interface DeliveryOptions {
  /** How often it is sent, one after the other. Default: 1. */
  copies?: number;
  /** The copies are sent at the same time. */
  atOnce?: boolean;
  /** Not behind earlier updates of its chat. */
  outOfOrder?: boolean;
}

/** What was done to the world, and the update that tells the bot. `updateId` is null when the bot is not told (privacy mode, `allowed_updates`). */
export interface Said {
  message: Message;
  updateId: number | null;
}

export interface Pressed {
  callbackQueryId: string;
  updateId: number | null;
}

/** One message as a person sees it. */
export interface SeenMessage {
  id: number;
  chat: ChatId;
  from: UserId;
  fromBot: boolean;
  text: string;
  entities: MessageEntity[];
  replyMarkup: Message['reply_markup'] | null;
  replyTo: number | null;
  thread: number | null;
  /** How often it was edited. */
  edits: number;
  deleted: boolean;
  /** Milliseconds since the epoch, with a fraction. */
  at: number;
  editedAt: number | null;
  /** As the Bot API shows it. */
  raw: Message;
}

export interface ApiCall {
  /** Position among all calls, from 1. */
  id: number;
  method: string;
  params: Record<string, unknown>;
  /** When the request was read to its end; performance.timeOrigin + performance.now(). */
  receivedAt: number;
  /** When the answer was handed to the socket; null while it is not. */
  answeredAt: number | null;
  /** HTTP status; null while unanswered, and when no answer was given at all. */
  status: number | null;
  ok: boolean | null;
  /** `result`, or null. */
  result: unknown;
  description: string | null;
  /** Whether the method was carried out, whatever became of the answer. */
  processed: boolean;
  /** The fault that was ordered for it. */
  fault: Fault['kind'] | null;
  /** True when it came as the answer to a webhook request. */
  inWebhookAnswer: boolean;
}

export type Fault =
  /** 429 with `retry_after` in seconds; not processed. */
  | { kind: 'too_many_requests'; retryAfter: number }
  /** An HTML error page as a proxy gives it: 500, 502, 503, 504; not processed unless told. */
  | { kind: 'http_error'; status: number; processed?: boolean }
  /** Any error of the Bot API itself; not processed. */
  | { kind: 'error'; code: number; description: string; parameters?: Record<string, unknown> }
  /** The socket is destroyed; not processed. */
  | { kind: 'reset' }
  /** Processed, then the socket is destroyed. */
  | { kind: 'lost_answer' }
  /** Half of a JSON document with status 200; processed. */
  | { kind: 'malformed' }
  /** Waits, then goes on as usual. */
  | { kind: 'delay'; ms: number }
  /** Waits until `release` or `drop`; `processed` says whether it is carried out before the wait or after it. */
  | { kind: 'hold'; processed: boolean };

export interface FaultOrder {
  fault: Fault;
  /** Default: every method. */
  method?: string;
  chat?: ChatId;
  /** How many requests it strikes; default 1. `null`: all until cancelled. */
  times?: number | null;
  /** Requests to let pass first. Default: 0. */
  after?: number;
}

export type StandInEvent = { seq: number; at: number } & (
  | { type: 'call'; call: ApiCall }
  | { type: 'answer'; call: ApiCall }
  | { type: 'message'; message: SeenMessage }
  | { type: 'edit'; message: SeenMessage }
  | { type: 'delete'; message: SeenMessage }
  | { type: 'draft'; chat: ChatId; thread: number | null; draftId: number; text: string }
  | { type: 'action'; chat: ChatId; thread: number | null; action: string }
  | { type: 'reaction'; chat: ChatId; messageId: number; from: UserId; reaction: ReactionType[] }
  | { type: 'callback_answer'; callbackQueryId: string; text: string | null; showAlert: boolean; url: string | null }
  | { type: 'update'; update: Update }
  | { type: 'delivery'; updateId: number; attempt: number; status: number | null; error: string | null; ms: number }
  | { type: 'delivered'; updateId: number }
  | { type: 'dropped'; updateId: number; reason: string }
  | { type: 'webhook'; url: string }
  | { type: 'held'; faultId: number; call: ApiCall }
  | { type: 'violation'; violation: Violation }
);
export type EventType = StandInEvent['type'];
export type EventOf<T extends EventType> = Extract<StandInEvent, { type: T }>;

export interface Violation {
  kind: 'unknown_parameter' | 'unsupported_method' | 'flood' | 'bad_webhook_answer';
  method: string;
  detail: string;
  callId: number | null;
}

/** The webhook as `getWebhookInfo` tells it. */
export interface WebhookView {
  url: string;
  has_custom_certificate: boolean;
  pending_update_count: number;
  ip_address?: string;
  last_error_date?: number;
  last_error_message?: string;
  max_connections?: number;
  allowed_updates?: string[];
}

/** The people's side. Every call takes and gives plain JSON. Throws on an unknown chat, user or message. */
export interface People {
  /** A person. They have not talked to the bot yet: the bot cannot write to them before they do. */
  createUser(profile?: UserProfile): User;
  /** A basic group with the bot in it; the id is a small negative number. */
  createGroup(profile: GroupProfile): ChatId;
  /** A supergroup with the bot in it; the id is -100…, and message ids are its own. */
  createSupergroup(profile: GroupProfile): ChatId;
  /** A topic of a forum; gives its `message_thread_id`. */
  createTopic(chat: ChatId, name: string): number;
  /** Lets the bot write to this user although they have said nothing yet. */
  openPrivateChat(user: UserId): void;
  say(user: UserId, text: string, options?: SayOptions): Said;
  reply(user: UserId, messageId: number, text: string, options?: SayOptions): Said;
  edit(user: UserId, messageId: number, text: string, options?: SayOptions): Said;
  sendMedia(user: UserId, kind: MediaKind, file?: FileToSend, options?: SayOptions): Said;
  /** Presses the button of a bot's message that carries `data`, or the one labelled so. */
  pressButton(
    user: UserId,
    messageId: number,
    button: { data: string } | { label: string },
    options?: { chat?: ChatId; delivery?: DeliveryOptions },
  ): Pressed;
  /** Sets the user's reactions on a message; the update goes out only when `allowed_updates` asks for it. */
  react(
    user: UserId,
    messageId: number,
    emoji: readonly string[],
    options?: { chat?: ChatId },
  ): { updateId: number | null };
  /** Deletes a message for everybody; bots are not told. */
  deleteAsUser(user: UserId, messageId: number, options?: { chat?: ChatId }): void;
  /** Throws the bot out of a group. */
  removeBot(user: UserId, chat: ChatId): { updateId: number | null };
  block(user: UserId): { updateId: number | null };
  unblock(user: UserId): { updateId: number | null };
  /** Any update, as it stands, wanted or not; an `update_id` is given unless it has one. Chats and people in it become known. */
  pushUpdate(update: Record<string, unknown>, delivery?: DeliveryOptions): number;
  /** What the chat shows, oldest first, deleted messages included. A user id is their private chat. */
  messages(chat: ChatId): SeenMessage[];
}

export interface Control extends People {
  calls(filter?: { method?: string; after?: number }): ApiCall[];
  events(after?: number): StandInEvent[];
  /** What Telegram would have overlooked, or put up with for a while; `[]` is what a test wants to see. */
  violations(kind?: Violation['kind']): Violation[];
  webhookInfo(): WebhookView;
  /** Updates that were not yet taken by webhook or `getUpdates`. */
  pendingUpdates(): Update[];
  /** Orders a fault; gives its id. Orders are looked at oldest first. */
  orderFault(order: FaultOrder): number;
  cancelFault(id: number): void;
  /** Lets the requests held by this order go on. Later ones are no longer held. */
  releaseHold(id: number): void;
  /** Destroys the sockets of the requests held by this order; what was not processed never will be. Later ones are no longer held. */
  dropHold(id: number): void;
  /** Nothing is sent to the webhook from now on. */
  pauseDeliveries(): void;
  /** Sends what is waiting: in the order it arose, the other way round, or these ids first. Order within a chat is then not kept, and what is under way is sent again. */
  resumeDeliveries(order?: 'as_queued' | 'reversed' | readonly number[]): void;
  /** Sends a delivered update once more, as Telegram does when an answer was lost. */
  redeliver(updateId: number, delivery?: DeliveryOptions): void;
  setFlood(options: FloodOptions): void;
}

export interface WaitOptions {
  /** Events up to this `seq` are not looked at. Default: 0, all that is remembered. */
  after?: number;
  signal?: AbortSignal;
}

/** Event driven: an event that already happened counts. Rejects when the server closes, or when `signal` aborts. */
export interface Waiting {
  /** `seq` of the newest event: give it as `after` to wait for new ones only. */
  now(): number;
  on(listener: (event: StandInEvent) => void): () => void;
  waitFor<T extends EventType>(
    type: T,
    matches?: (event: EventOf<T>) => boolean,
    options?: WaitOptions,
  ): Promise<EventOf<T>>;
  /** The first message of the bot in this chat, new or edited, that matches. */
  waitForMessage(
    chat: ChatId,
    matches?: (message: SeenMessage) => boolean,
    options?: WaitOptions,
  ): Promise<SeenMessage>;
  /** The first answered call of this method that matches. */
  waitForCall(method: string, matches?: (call: ApiCall) => boolean, options?: WaitOptions): Promise<ApiCall>;
}

export interface Hold {
  id: number;
  /** Resolves when the first request is held. */
  held: Promise<ApiCall>;
  release(): void;
  drop(): void;
}

export interface TelegramServer extends Control, Waiting {
  /** What goes into `TELEGRAM_API_ROOT`: `http://127.0.0.1:<port>`. */
  readonly origin: string;
  readonly token: string;
  readonly bot: User & { username: string };
  /** Orders a hold of the next request of a method. */
  hold(method: string, options: { processed: boolean; chat?: ChatId }): Hold;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export type Remote<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : T[K];
};

/** The same over `/control/…`, for a stand-in that runs as a process of its own. */
export interface RemoteTelegramServer extends Remote<Control>, Waiting {
  readonly origin: string;
  readonly token: string;
  readonly bot: User & { username: string };
  hold(method: string, options: { processed: boolean; chat?: ChatId }): Promise<RemoteHold>;
  /** Ends the connection, and the process if it was started by `startTelegramProcess`. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface RemoteHold {
  id: number;
  held: Promise<ApiCall>;
  release(): Promise<void>;
  drop(): Promise<void>;
}
