import { describeChannelContract } from '../../../contract/channel.ts';
import { openTelegram } from './open-telegram.ts';
import { encode, otherUpdates } from './sample-updates.ts';

describeChannelContract('Telegram', async () => {
  const { telegram, channel, person, close } = await openTelegram();
  const newest = (): Uint8Array => encode(telegram.pendingUpdates().at(-1));
  const error = (code: number, description: string): void => {
    telegram.orderFault({ fault: { kind: 'error', code, description } });
  };
  let closed = false;

  return {
    channel,
    address: person.address,
    shown: () =>
      telegram
        .messages(person.id)
        .filter(({ deleted }) => !deleted)
        .map(({ id, text, replyTo }) => ({ id: String(id), text, replyTo: replyTo === null ? null : String(replyTo) })),
    say(text) {
      const { message } = telegram.say(person.id, text);
      return { body: newest(), messageId: String(message.message_id) };
    },
    press(messageId, data) {
      telegram.pressButton(person.id, Number(messageId), { data });
      return newest();
    },
    passedOver: encode({ update_id: 1, message_reaction: otherUpdates.message_reaction }),
    trouble: {
      tooMany: (retryAfter) => void telegram.orderFault({ fault: { kind: 'too_many_requests', retryAfter } }),
      lostAnswer: () => void telegram.orderFault({ fault: { kind: 'lost_answer' } }),
      serverError: () => void telegram.orderFault({ fault: { kind: 'http_error', status: 502 } }),
      refusedFormatting: () => error(400, "Bad Request: can't parse entities: unexpected end"),
      refusedToken: () => error(401, 'Unauthorized'),
      blocked: () => void telegram.block(person.id),
      deleted: (messageId) => telegram.deleteAsUser(person.id, Number(messageId)),
      async away() {
        closed = true;
        await telegram.close();
      },
    },
    close: () => (closed ? Promise.resolve() : close()),
  };
});
