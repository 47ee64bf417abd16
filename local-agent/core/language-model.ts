/** The model port: a conversation in, text as it is made out. */
export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  text: string;
}

export interface Usage {
  inputTokens: number | null;
  outputTokens: number | null;
}

export type ModelEvent =
  | { type: 'text'; text: string }
  | { type: 'finish'; reason: 'stop' | 'length' | 'filtered' | 'other'; usage: Usage };

export interface ModelRequest {
  messages: readonly ChatMessage[];
  signal: AbortSignal;
}

export interface LanguageModel {
  /** As OpenTelemetry names it (`gen_ai.provider.name`): `openai`, `ollama`, `offline`, … */
  readonly provider: string;
  readonly model: string | null;
  /** Ends with exactly one `finish`. Throws `model_unauthorized | model_unreachable | model_rate_limited | model_refused`. */
  stream(request: ModelRequest): AsyncIterable<ModelEvent>;
}
