import { Api, InputFile } from 'grammy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusedWith } from './refused-with.ts';
import { createTelegramServer } from './server.ts';
import type { TelegramServer } from './types.ts';

let telegram: TelegramServer;
let api: Api;
beforeEach(async () => {
  telegram = await createTelegramServer();
  api = new Api(telegram.token, { apiRoot: telegram.origin });
});
afterEach(async () => telegram.close());

/** A call by hand: exactly these bytes. */
async function call(method: string, init: RequestInit = {}, token = telegram.token): Promise<unknown> {
  const response = await fetch(`${telegram.origin}/bot${token}/${method}`, init);
  return { status: response.status, ...((await response.json()) as object) };
}
const asJson = (value: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
const refusal = (code: number, description: string): unknown =>
  expect.objectContaining({ ok: false, status: code, error_code: code, description });

describe('who may call, and what', () => {
  it('a bot learns who it is', async () => {
    expect(await api.getMe()).toMatchObject({ id: 123456, is_bot: true, username: 'pryx_dev_bot' });
    expect(telegram.token).toMatch(/^123456:[A-Za-z0-9_-]{35}$/);
  });

  it('names of methods may be written in any case, as the Bot API allows', async () => {
    expect(await call('GETME')).toMatchObject({ ok: true });
    expect(telegram.calls({ method: 'getMe' })).toHaveLength(1);
  });

  it('a wrong token is unauthorized, whether it looks like one or not', async () => {
    expect(await call('getMe', {}, `123456:${'x'.repeat(35)}`)).toEqual(refusal(401, 'Unauthorized'));
    expect(await call('getMe', {}, 'nonsense')).toEqual(refusal(401, 'Unauthorized: invalid token specified'));
  });

  it('an unknown method, and a path beside the methods, are not found', async () => {
    expect(await call('sendTelepathy')).toEqual(refusal(404, 'Not Found: method not found'));
    for (const path of ['/elsewhere', '/control/identity', '/bot123']) {
      const other = await fetch(`${telegram.origin}${path}`);
      expect([other.status, await other.json()]).toEqual([404, expect.objectContaining({ description: 'Not Found' })]);
    }
  });

  it('a known method that the stand-in does not carry out is checked, declined, and noted', async () => {
    const ada = telegram.createUser();
    expect(await refusedWith(api.raw.sendDice({ chat_id: ada.id, emoji: {} as string }))).toBe(
      'Bad Request: invalid emoji specified',
    );
    expect(await refusedWith(api.sendDice(ada.id, '🎲'))).toBe('Bad Request: method is not supported by the stand-in');
    expect(telegram.violations()).toEqual([
      { kind: 'unsupported_method', method: 'sendDice', detail: 'sendDice', callId: 2 },
    ]);
  });

  it('the same call comes by GET, as JSON, as a form and as multipart', async () => {
    const { id } = telegram.createUser();
    telegram.openPrivateChat(id);
    const form = new FormData();
    form.set('chat_id', String(id));
    form.set('text', 'as multipart');
    form.set('reply_markup', JSON.stringify({ inline_keyboard: [[{ text: 'Yes', callback_data: 'y' }]] }));
    await call(`sendMessage?chat_id=${id}&text=by%20GET`);
    await call('sendMessage', asJson({ chat_id: id, text: 'as JSON' }));
    await call('sendMessage', {
      method: 'POST',
      body: new URLSearchParams({ chat_id: String(id), text: 'as a form' }),
    });
    await call('sendMessage', { method: 'POST', body: form });
    expect(telegram.messages(id).map(({ text }) => text)).toEqual(['by GET', 'as JSON', 'as a form', 'as multipart']);
    expect(telegram.messages(id)[3]?.replyMarkup).toEqual({ inline_keyboard: [[{ text: 'Yes', callback_data: 'y' }]] });
    expect(telegram.violations('unknown_parameter')).toEqual([]);
  });

  it('grammY uploads a certificate as loosely written multipart', async () => {
    const certificate = new InputFile(Buffer.from('-----BEGIN CERTIFICATE-----\r\n\r\n--'), 'cert.pem');
    await api.setWebhook('https://edge.example/telegram/x', { certificate, secret_token: 's' });
    expect(await api.getWebhookInfo()).toMatchObject({ has_custom_certificate: true, max_connections: 100 });
    await api.deleteWebhook();
  });

  it('a body that is no JSON object is refused', async () => {
    const headers = { 'content-type': 'application/json' };
    expect(await call('getMe', { method: 'POST', headers, body: '{"a":' })).toMatchObject({ status: 400, ok: false });
    expect(await call('getMe', { method: 'POST', headers, body: '[]' })).toEqual(
      refusal(400, 'Bad Request: JSON object expected'),
    );
  });

  it('a bot that logged out is out, one that closed comes back', async () => {
    expect(await api.close()).toBe(true);
    expect(await refusedWith(api.close())).toBe('Bad Request: the bot has already been closed');
    expect(await api.getMe()).toMatchObject({ id: 123456 });
    expect(await api.logOut()).toBe(true);
    expect(await refusedWith(api.getMe())).toBe('Logged out');
  });
});

describe('parameters', () => {
  it.each([
    ['sendMessage', { text: 'Hi' }, 'Bad Request: chat_id is empty'],
    ['sendMessage', { chat_id: 1 }, 'Bad Request: message text is empty'],
    ['sendMessage', { chat_id: 1, text: '' }, 'Bad Request: message text is empty'],
    ['sendMessage', { chat_id: 1, text: { a: 1 } }, 'Bad Request: invalid text specified'],
    ['sendMessage', { chat_id: [1], text: 'Hi' }, 'Bad Request: invalid chat_id specified'],
    [
      'sendMessage',
      { chat_id: 1, text: 'Hi', disable_notification: 'perhaps' },
      'Bad Request: invalid disable_notification specified',
    ],
    [
      'sendMessage',
      { chat_id: 1, text: 'Hi', reply_markup: '{' },
      "Bad Request: can't parse reply keyboard markup JSON object",
    ],
    ['sendMessage', { chat_id: 1, text: 'Hi', reply_markup: [] }, 'Bad Request: object expected as reply markup'],
    [
      'sendMessage',
      { chat_id: 1, text: 'Hi', reply_parameters: 5 },
      'Bad Request: object expected as reply parameters',
    ],
    [
      'sendMessage',
      { chat_id: 1, text: 'Hi', reply_parameters: { message_id: 'x' } },
      'Bad Request: field "message_id" must be a Number',
    ],
    [
      'sendMessage',
      { chat_id: 1, text: 'Hi', link_preview_options: { is_disabled: 'yes' } },
      'Bad Request: field "is_disabled" must be of type Boolean',
    ],
    [
      'sendMessage',
      { chat_id: 1, text: 'Hi', reply_markup: { inline_keyboard: [{ text: 'a' }] } },
      'Bad Request: field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    ],
    [
      'sendMessage',
      { chat_id: 1, text: 'Hi', reply_markup: { inline_keyboard: [[{ callback_data: 'a' }]] } },
      'Bad Request: can\'t parse inline keyboard button: Can\'t find field "text"',
    ],
    [
      'sendMessage',
      { chat_id: 1, text: 'Hi', entities: [{ offset: 0, length: 1 }] },
      'Bad Request: can\'t parse MessageEntity: Can\'t find field "type"',
    ],
    ['editMessageText', { text: 'Hi' }, 'Bad Request: message identifier is not specified'],
    ['deleteMessage', { chat_id: 1 }, 'Bad Request: message identifier is not specified'],
    ['deleteMessages', { chat_id: 1, message_ids: 5 }, 'Bad Request: expected an Array of Integer'],
    ['sendChatAction', { chat_id: 1 }, 'Bad Request: wrong parameter action in request'],
    [
      'setMessageReaction',
      { chat_id: 1, message_id: 1, reaction: [{ type: 'smell' }] },
      "Bad Request: can't parse ReactionType: invalid type specified",
    ],
    [
      'setMyCommands',
      { commands: [{ command: 'a' }] },
      'Bad Request: can\'t parse BotCommand: Can\'t find field "description"',
    ],
    ['answerCallbackQuery', {}, 'Bad Request: parameter "callback_query_id" is required'],
    ['getFile', {}, 'Bad Request: file_id not specified'],
  ])('%s %j: %s', async (method, params, description) => {
    expect(await call(method, asJson(params))).toEqual(refusal(400, description));
  });

  it('what Telegram overlooks is noted, at the top and within', async () => {
    const { id } = telegram.createUser();
    telegram.openPrivateChat(id);
    const button = { text: 'Go', callback_data: 'go', colour: 'red' };
    await call(
      'sendMessage',
      asJson({ chat_id: id, text: 'Hi', chatId: 5, reply_markup: { inline_keyboard: [[button]] } }),
    );
    expect(telegram.violations().map(({ kind, detail }) => [kind, detail])).toEqual([
      ['unknown_parameter', 'chatId'],
      ['unknown_parameter', 'reply_markup.inline_keyboard[][].colour'],
    ]);
  });
});

describe('files', () => {
  it('what a person sent is found by getFile and downloaded', async () => {
    const ada = telegram.createUser();
    const { message } = telegram.sendMedia(ada.id, 'document', { name: 'notes.txt', content: 'Buy milk' });
    const file = await api.getFile(message.document?.file_id ?? '');
    expect(file).toMatchObject({ file_size: 8, file_path: expect.stringMatching(/^documents\/file_\d+\.txt$/) });
    const download = await fetch(`${telegram.origin}/file/bot${telegram.token}/${file.file_path}`);
    expect(await download.text()).toBe('Buy milk');
    const wrong = await fetch(`${telegram.origin}/file/bot123456:${'x'.repeat(35)}/${file.file_path}`);
    expect(wrong.status).toBe(404);
  });

  it('unknown and too big files are refused', async () => {
    const ada = telegram.createUser();
    const { message } = telegram.sendMedia(ada.id, 'video', { bytes: 21 * 1024 * 1024 });
    expect(await refusedWith(api.getFile('nothing'))).toBe('Bad Request: invalid file_id');
    expect(await refusedWith(api.getFile(message.video?.file_id ?? ''))).toBe('Bad Request: file is too big');
  });
});

describe('commands of the bot', () => {
  it('are kept per scope and language', async () => {
    const commands = [{ command: '/help', description: 'What I can do' }];
    await api.setMyCommands(commands);
    await api.setMyCommands([], { language_code: 'de' });
    expect(await api.getMyCommands()).toEqual([{ command: 'help', description: 'What I can do' }]);
    expect(await api.getMyCommands({ scope: { type: 'all_private_chats' } })).toEqual([]);
    expect(await refusedWith(api.setMyCommands([{ command: 'Help!', description: 'x' }]))).toBe(
      'Bad Request: BOT_COMMAND_INVALID',
    );
  });
});
