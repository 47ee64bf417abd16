/** What a strict server says of a request: nothing when it is in order, otherwise a refusal with OpenAI's status and codes. */
import type { IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';

const chatRequest = z
  .strictObject({
    model: z.string().min(1),
    messages: z
      .array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string().min(1) }))
      .min(1),
    stream: z.literal(true),
    stream_options: z.strictObject({ include_usage: z.boolean() }).optional(),
  })
  .refine(({ messages }) => takesTurns(messages), 'roles must alternate, beginning and ending with the user');
export type ChatRequest = z.infer<typeof chatRequest>;

/** The chat templates of many local models raise an error on anything else. */
function takesTurns(messages: readonly { role: string }[]): boolean {
  const said = messages[0]?.role === 'system' ? messages.slice(1) : messages;
  return said.length % 2 === 1 && said.every(({ role }, index) => role === (index % 2 === 0 ? 'user' : 'assistant'));
}

export interface Strictness {
  models: readonly string[];
  apiKey?: string;
  unknownParameter?: string;
  contextCharacters?: number;
}

interface Refusal {
  status: number;
  error: { message: string; type: string; code: string | null };
}

export function refuse(
  path: string,
  headers: IncomingHttpHeaders,
  body: string,
  { models, apiKey, unknownParameter, contextCharacters = Number.POSITIVE_INFINITY }: Strictness,
): Refusal | undefined {
  if (apiKey !== undefined && headers.authorization !== `Bearer ${apiKey}`) {
    // As OpenAI does: what was given as a key comes back in the message.
    return refusal(401, `Incorrect API key provided: ${headers.authorization}.`, 'invalid_api_key');
  }
  if (path !== 'POST /v1/chat/completions') return refusal(404, `Invalid URL (${path})`, null);
  if (headers['content-type'] !== 'application/json') return refusal(415, 'Unsupported content type.', null);
  if (Number(headers['content-length']) !== Buffer.byteLength(body)) return refusal(411, 'Length required.', null);
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return refusal(400, 'We could not parse the JSON body of your request.', null);
  }
  if (unknownParameter !== undefined && typeof json === 'object' && json !== null && unknownParameter in json)
    return refusal(400, `Unrecognized request argument supplied: ${unknownParameter}`, null);
  const parsed = chatRequest.safeParse(json);
  if (!parsed.success) return refusal(400, z.prettifyError(parsed.error), null);
  const { model, messages } = parsed.data;
  if (!models.includes(model)) return refusal(404, `The model '${model}' does not exist.`, 'model_not_found');
  if (messages.reduce((sum, { content }) => sum + content.length, 0) > contextCharacters) {
    // With the user's words in it, as some servers have them.
    return refusal(400, `Too long: ${messages.at(-1)?.content}`, 'context_length_exceeded');
  }
  return undefined;
}

const refusal = (status: number, message: string, code: string | null): Refusal => ({
  status,
  error: { message, type: 'invalid_request_error', code },
});
