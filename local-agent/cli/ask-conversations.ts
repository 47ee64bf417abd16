/** What was said, asked of the daemon. */
import {
  type ConversationResponse,
  type ConversationsResponse,
  conversationResponse,
  conversationsResponse,
} from '../../shared/api/conversations.ts';
import { askDaemon } from './ask-daemon.ts';
import type { CliHome } from './home.ts';

export const readConversations = async (home: CliHome): Promise<ConversationsResponse> =>
  conversationsResponse.parse(await askDaemon(home, { path: '/conversations' }));

/** Throws `not_found`. */
export const readConversation = async (home: CliHome, id: number): Promise<ConversationResponse> =>
  conversationResponse.parse(await askDaemon(home, { path: `/conversations/${id}` }));
