/** Updates in the form that the Bot API gives them, made by hand; each function lays its fields over a plain message. */

export const botId = '6833000441';
export const me = { id: 6833000441, is_bot: true, first_name: 'Pryx', username: 'my_pryx_bot' };
export const ada = {
  id: 1111111,
  is_bot: false,
  first_name: 'Ada',
  last_name: 'Byron',
  username: 'ada',
  language_code: 'en',
};

export const privateChat = { id: 1111111, type: 'private', first_name: 'Ada', last_name: 'Byron', username: 'ada' };
export const group = { id: -4012345, type: 'group', title: 'Engines' };
export const forum = { id: -1001234567890, type: 'supergroup', title: 'Engines', is_forum: true };

type Fields = Record<string, unknown>;

export const message = (fields: Fields = {}): Fields => ({
  message_id: 1365,
  date: 1441645532,
  chat: privateChat,
  from: ada,
  ...fields,
});

export const encode = (update: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(update));

/** A private message, as the body of a webhook request. */
export const messageUpdate = (fields: Fields): Uint8Array => encode({ update_id: 10000, message: message(fields) });
export const groupUpdate = (fields: Fields): Uint8Array => messageUpdate({ chat: group, ...fields });
export const editedUpdate = (fields: Fields): Uint8Array =>
  encode({ update_id: 10001, edited_message: message({ edit_date: 1441646600, ...fields }) });

export const callbackUpdate = (fields: Fields = {}): Uint8Array =>
  encode({
    update_id: 756195662,
    callback_query: {
      id: '3075194689670475767',
      from: ada,
      message: {
        message_id: 282,
        from: me,
        chat: privateChat,
        date: 1752909962,
        text: 'Really?',
        reply_markup: { inline_keyboard: [[{ text: 'Yes', callback_data: 'approve:7' }]] },
      },
      chat_instance: '-4661477233836774021',
      data: 'approve:7',
      ...fields,
    },
  });

/** Every kind of update of the Bot API 10.1 that Pryx does not act on, with as much in it as matters. */
export const otherUpdates: Record<string, Fields> = {
  channel_post: message({ chat: { id: -100777, type: 'channel', title: 'News' }, from: undefined, text: 'news' }),
  edited_channel_post: message({ chat: { id: -100777, type: 'channel', title: 'News' }, text: 'news' }),
  business_connection: { id: 'b1', user: ada, user_chat_id: 1111111, date: 1441645532, is_enabled: true },
  business_message: message({ business_connection_id: 'b1', text: 'hello' }),
  edited_business_message: message({ business_connection_id: 'b1', text: 'hello' }),
  deleted_business_messages: { business_connection_id: 'b1', chat: privateChat, message_ids: [1] },
  guest_message: message({ guest_query_id: 'g1', text: 'hello' }),
  message_reaction: { chat: privateChat, message_id: 1, user: ada, date: 1, old_reaction: [], new_reaction: [] },
  message_reaction_count: { chat: group, message_id: 1, date: 1, reactions: [] },
  inline_query: { id: 'q', from: ada, query: 'x', offset: '' },
  chosen_inline_result: { result_id: 'r', from: ada, query: 'x' },
  shipping_query: { id: 's', from: ada, invoice_payload: 'p', shipping_address: {} },
  pre_checkout_query: { id: 'p', from: ada, currency: 'EUR', total_amount: 1, invoice_payload: 'p' },
  purchased_paid_media: { from: ada, paid_media_payload: 'p' },
  poll: { id: 'p', question: 'Tea?', options: [], total_voter_count: 0 },
  poll_answer: { poll_id: 'p', user: ada, option_ids: [0] },
  my_chat_member: { chat: privateChat, from: ada, date: 1, old_chat_member: {}, new_chat_member: {} },
  chat_member: { chat: group, from: ada, date: 1, old_chat_member: {}, new_chat_member: {} },
  chat_join_request: { chat: group, from: ada, user_chat_id: 1, date: 1 },
  chat_boost: { chat: group, boost: {} },
  removed_chat_boost: { chat: group, boost_id: 'b', remove_date: 1, source: {} },
  managed_bot: { user: ada, bot: me },
  a_kind_that_does_not_exist_yet: { anything: true },
};
