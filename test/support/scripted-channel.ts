/** A channel whose other side is a list in memory, and that fails as it is told. Bodies are JSON of an Incoming. */
import type { Channel, Content, Delivery } from '../../local-agent/core/channel.ts';
import type { Incoming } from '../../local-agent/core/incoming.ts';

/** `lost`: it happened, and the answer did not come. `never`: it did not happen, and nobody can tell. */
type Fault = Delivery | 'lost' | 'never';

export interface ScriptedChannel extends Channel {
  /** What a person sees, by conversation key, in order. */
  chats: Map<string, { id: string; text: string; edits: number }[]>;
  calls: string[];
  faults: { send: Fault[]; edit: Fault[]; typing: Fault[] };
  confirmed: string[];
  /** Called before a request is carried out; may throw to stand for the death of the daemon at this point. */
  before: (call: string) => void | Promise<void>;
}

export function createScriptedChannel(options: { split?: number; pace?: Channel['pace'] } = {}): ScriptedChannel {
  const chats: ScriptedChannel['chats'] = new Map();
  const faults: ScriptedChannel['faults'] = { send: [], edit: [], typing: [] };
  const unknown: Delivery = { kind: 'unknown', message: 'no answer' };
  let next = 1;

  async function carryOut(name: 'send' | 'edit' | 'typing', call: string, act: () => Delivery): Promise<Delivery> {
    channel.calls.push(call);
    await channel.before(call);
    const fault = faults[name].shift();
    if (fault === 'lost') {
      act();
      return unknown;
    }
    if (fault === 'never') return unknown;
    return fault ?? act();
  }

  const channel: ScriptedChannel = {
    name: 'telegram',
    placeholder: { text: '…' },
    chats,
    faults,
    calls: [],
    confirmed: [],
    before: () => undefined,
    read: (body) => {
      const json = JSON.parse(Buffer.from(body).toString()) as Incoming | null;
      return json ?? undefined;
    },
    jobId: (body) => Buffer.from(body).toString('base64url').slice(0, 32),
    render: (markdown) =>
      (markdown.match(new RegExp(`[^]{1,${options.split ?? 4096}}`, 'g')) ?? ['(empty)']).map((text) => ({
        text,
        bold: true,
      })),
    plain: (content) => ({ text: content.text }),
    send: (address, content: Content) =>
      carryOut('send', `send ${address.key} ${String(content.text)}`, () => {
        const id = String(next++);
        const chat = chats.get(address.key) ?? [];
        chats.set(address.key, [...chat, { id, text: String(content.text), edits: 0 }]);
        return { kind: 'delivered', messageId: id };
      }),
    edit: (address, messageId, content) =>
      carryOut('edit', `edit ${address.key} ${messageId} ${String(content.text)}`, () => {
        const message = chats.get(address.key)?.find(({ id }) => id === messageId);
        if (message === undefined) return { kind: 'rejected', reason: 'gone', message: 'message to edit not found' };
        message.text = String(content.text);
        message.edits += 1;
        return { kind: 'delivered', messageId };
      }),
    typing: (address) => carryOut('typing', `typing ${address.key}`, () => ({ kind: 'delivered', messageId: '' })),
    confirmButton: async (pressId) => {
      channel.confirmed.push(pressId);
      return { kind: 'delivered', messageId: '' };
    },
    pace: options.pace ?? (() => 0),
    health: () => ({ state: 'up', mode: 'none', account: null, lastError: null }),
    start: () => undefined,
    stop: async () => undefined,
  };
  return channel;
}
