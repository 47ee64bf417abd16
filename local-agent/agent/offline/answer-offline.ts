/** The offline assistant: what can be answered without a model is, and the rest is honestly not. Decision 031. */
import type { IncomingMessage } from '../../core/incoming.ts';
import { recall } from '../../memory/recall.ts';
import type { Transcript } from '../../workspaces/transcript.ts';
import type { Answer } from '../answer.ts';
import type { CommandContext } from '../commands/command.ts';
import { forgetCommand } from '../commands/forget.ts';
import { recallCommand } from '../commands/recall.ts';
import { rememberCommand } from '../commands/remember.ts';
import { quote, quoteList } from '../quote.ts';
import { sayDate, sayTime } from '../say-time.ts';
import { hint, howToAddModel } from './explain.ts';
import { searchConversation } from './search-conversation.ts';
import { understand } from './understand.ts';

export interface OfflineContext extends CommandContext {
  transcript: Transcript;
  conversationId: number;
  /** The message to answer. */
  messageId: number;
  /** Nothing was answered in this conversation so far. */
  firstContact: boolean;
}

const shown = 5;

export function answerOffline(incoming: IncomingMessage, context: OfflineContext): Answer {
  const answer = answerIntent(incoming, context);
  return context.firstContact ? { ...answer, text: `${withoutHint(answer.text)}\n\n${howToAddModel}` } : answer;
}

/** The whole explanation makes the line needless. */
const withoutHint = (text: string): string => text.replace(hint, '').trim();

function answerIntent(incoming: IncomingMessage, context: OfflineContext): Answer {
  const intent = understand(incoming.text);
  switch (intent.kind) {
    case 'remember':
      return rememberCommand.answer(intent.about, context);
    case 'recall':
      return recallCommand.answer(intent.about, context);
    case 'forget':
      return forgetCommand.answer(intent.about, context);
    case 'said':
      return { text: saySaid(intent.about, context) };
    case 'time':
      return { text: `It is ${sayDate(context.now)}, ${sayTime(context.now)}.` };
    case 'greeting':
      return { text: `Hello ${quote(incoming.sender.name)}.` };
    case 'thanks':
      return { text: 'You are welcome.' };
    case 'help':
      return { text: `I am Pryx, your assistant. ${hint}` };
    case 'unknown':
      return { text: sayUnknown(incoming, context) };
  }
}

function saySaid(about: string, { transcript, conversationId, messageId }: OfflineContext): string {
  const found = searchConversation(transcript, conversationId, messageId, about, shown);
  if (found.length === 0) return 'I find nothing about that in what you said here.';
  return `You said:\n\n${found.map(({ text, at }) => `- ${sayDate(at)}: ${quote(text)}`).join('\n')}`;
}

function sayUnknown(incoming: IncomingMessage, context: OfflineContext): string {
  const cannot =
    incoming.attachments.length > 0
      ? `I have it here (${incoming.attachments.map(({ description }) => quote(description)).join('; ')}), but I cannot make anything of it without a model.`
      : 'I cannot answer that without a model.';
  // What the owner told Pryx in private is not brought up by itself where others read along (decision 032).
  const memories = incoming.audience === 'private' ? recall(context.db, incoming.text, shown) : [];
  const related =
    memories.length === 0 ? '' : `\n\nThis I was told to remember:\n\n${quoteList(memories.map(({ text }) => text))}`;
  return `${cannot} ${hint}${related}`;
}
