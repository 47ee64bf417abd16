/**
 * The suite that every adapter of the `Channel` contract passes (local-agent/core/channel.ts). An adapter brings its world: itself, somebody
 * to talk to behind a real socket, and the troubles that its other side can make.
 */
import { describe, expect, test } from 'vitest';
import type { Address } from '../../local-agent/core/address.ts';
import type { Button, Channel, Content, Delivery } from '../../local-agent/core/channel.ts';

export interface ShownMessage {
  id: string;
  text: string;
  replyTo: string | null;
}

export interface ChannelWorld {
  /** Not started. */
  channel: Channel;
  /** A private conversation that the channel may write to. */
  address: Address;
  /** What stands in that conversation, oldest first, of both sides. */
  shown(): ShownMessage[];
  /** Somebody says something there; gives the body as it would arrive, and the id of the message. */
  say(text: string): { body: Uint8Array; messageId: string };
  /** Somebody presses the button that carries `data`. */
  press(messageId: string, data: string): Uint8Array;
  /** Well-formed, and nothing to act on. */
  passedOver: Uint8Array;
  /** Troubles for the next request, whatever it is; those that say so last. */
  trouble: {
    tooMany(seconds: number): void;
    /** The request is carried out, and its answer gets lost. */
    lostAnswer(): void;
    serverError(): void;
    refusedFormatting(): void;
    refusedToken(): void;
    /** The other person wants no messages; lasts. */
    blocked(): void;
    /** The message is deleted for everybody; lasts. */
    deleted(messageId: string): void;
    /** Nobody listens any more; lasts. */
    away(): Promise<void>;
  };
  close(): Promise<void>;
}

export function describeChannelContract(name: string, open: () => Promise<ChannelWorld>): void {
  /** Runs with a world of its own. */
  const inWorld = (run: (world: ChannelWorld) => Promise<void>) => async (): Promise<void> => {
    const world = await open();
    try {
      await run(world);
    } finally {
      await world.channel.stop();
      await world.close();
    }
  };

  const never = new AbortController().signal;
  const idOf = (delivery: Delivery): string => {
    expect(delivery.kind).toBe('delivered');
    return delivery.kind === 'delivered' ? delivery.messageId : '';
  };
  const only = (contents: readonly Content[]): Content => {
    expect(contents).toHaveLength(1);
    return contents[0] ?? {};
  };
  const post = async (
    { channel, address }: ChannelWorld,
    markdown: string,
    buttons: readonly Button[] = [],
  ): Promise<string> => idOf(await channel.send(address, only(channel.render(markdown, buttons)), { signal: never }));

  describe(`the channel contract, kept by ${name}`, () => {
    describe('reading', () => {
      test(
        'what somebody says is read with an address that survives storage and can be answered to',
        inWorld(async (world) => {
          const incoming = world.channel.read(world.say('Good morning').body);
          expect(incoming).toMatchObject({
            type: 'message',
            text: 'Good morning',
            audience: 'private',
            addressed: true,
          });
          const address = JSON.parse(JSON.stringify(incoming?.address)) as Address;
          expect(address.channel).toBe(world.channel.name);
          expect(address.key).toBe(world.address.key);
          await world.channel.send(address, only(world.channel.render('And to you')), { signal: never });
          expect(world.shown().at(-1)?.text).toBe('And to you');
        }),
      );

      test(
        'a body that is read twice gives the same, and has one id of its own',
        inWorld(async ({ channel, say }) => {
          const [first, second] = [say('one').body, say('two').body];
          expect(channel.read(first)).toEqual(channel.read(first));
          expect(channel.jobId(first)).toBe(channel.jobId(first));
          expect(channel.jobId(first)).not.toBe(channel.jobId(second));
        }),
      );

      test(
        'what there is nothing to answer is passed over, and what is broken is refused',
        inWorld(async ({ channel, passedOver }) => {
          expect(channel.read(passedOver)).toBeUndefined();
          expect(channel.jobId(passedOver)).not.toBe('');
          for (const body of [new Uint8Array(), new Uint8Array([0xff, 0xfe]), new TextEncoder().encode('{"a":')]) {
            expect(() => channel.read(body)).toThrow(expect.objectContaining({ code: 'bad_request' }));
            expect(() => channel.jobId(body)).toThrow(expect.objectContaining({ code: 'bad_request' }));
          }
        }),
      );
    });

    describe('rendering', () => {
      test(
        'anything gives at least one message that is plain JSON',
        inWorld(async ({ channel }) => {
          for (const markdown of ['', ' ', 'x', '**x', '# `x`', 'word '.repeat(5000), '\uD83E', '> '.repeat(50)]) {
            const contents = channel.render(markdown);
            expect(contents.length).toBeGreaterThan(0);
            expect(JSON.parse(JSON.stringify(contents))).toEqual(contents);
          }
        }),
      );

      test(
        'every part of a long answer can be sent as it is, and so can each without formatting',
        inWorld(async ({ channel, address, shown }) => {
          const markdown = 'Some **bold** `code` and a [link](https://example.com).\n\n'.repeat(300);
          const contents = channel.render(markdown);
          expect(contents.length).toBeGreaterThan(1);
          for (const content of contents) idOf(await channel.send(address, content, { signal: never }));
          const formatted = shown().map(({ text }) => text);
          for (const content of contents) idOf(await channel.send(address, channel.plain(content), { signal: never }));
          expect(
            shown()
              .slice(formatted.length)
              .map(({ text }) => text),
          ).toEqual(formatted);
        }),
      );

      test(
        'without formatting is without formatting already',
        inWorld(async ({ channel }) => {
          const content = channel.plain(only(channel.render('**x** `y`', [{ label: 'Yes', data: 'y' }])));
          expect(channel.plain(content)).toEqual(content);
        }),
      );
    });

    describe('sending', () => {
      test(
        'a placeholder is sent, and edited into the answer',
        inWorld(async ({ channel, address, shown }) => {
          const id = idOf(await channel.send(address, channel.placeholder, { signal: never }));
          const answer = only(channel.render('Done.'));
          expect(await channel.edit(address, id, answer, { signal: never })).toEqual({
            kind: 'delivered',
            messageId: id,
          });
          expect(shown()).toEqual([{ id, text: 'Done.', replyTo: null }]);
        }),
      );

      test(
        'an edit that changes nothing is delivered, however often',
        inWorld(async (world) => {
          const id = await post(world, 'Done.');
          const again = only(world.channel.render('Done.'));
          for (let time = 0; time < 2; time += 1)
            expect(await world.channel.edit(world.address, id, again, { signal: never })).toMatchObject({
              kind: 'delivered',
            });
        }),
      );

      test(
        'a reply hangs on what it replies to, and is sent all the same when that is gone',
        inWorld(async ({ channel, address, say, shown, trouble }) => {
          const { messageId } = say('Question?');
          const answer = only(channel.render('Answer.'));
          idOf(await channel.send(address, answer, { replyTo: messageId, signal: never }));
          expect(shown().at(-1)).toMatchObject({ text: 'Answer.', replyTo: messageId });
          trouble.deleted(messageId);
          idOf(await channel.send(address, answer, { replyTo: messageId, signal: never }));
          expect(shown().at(-1)).toMatchObject({ text: 'Answer.', replyTo: null });
        }),
      );

      test(
        'a button comes back with its data, is confirmed, and may be confirmed again',
        inWorld(async (world) => {
          const data = 'x'.repeat(64);
          const id = await post(world, 'Sure?', [
            { label: 'Yes', data },
            { label: 'No', data: 'n' },
          ]);
          const press = world.channel.read(world.press(id, data));
          expect(press).toMatchObject({ type: 'button', messageId: id, data, audience: 'private', addressed: true });
          const pressId = press?.type === 'button' ? press.pressId : '';
          for (let time = 0; time < 2; time += 1)
            expect(await world.channel.confirmButton(pressId, { signal: never })).toMatchObject({ kind: 'delivered' });
          expect(await world.channel.confirmButton('123', { signal: never })).toMatchObject({ kind: 'delivered' });
        }),
      );

      test(
        '"typing" leaves no trace',
        inWorld(async ({ channel, address, shown }) => {
          expect(await channel.typing(address, { signal: never })).toMatchObject({ kind: 'delivered' });
          expect(shown()).toEqual([]);
        }),
      );
    });

    describe('trouble', () => {
      /** Each request of the contract, in a world where a message stands. */
      const requests: [string, (world: ChannelWorld, id: string, signal: AbortSignal) => Promise<Delivery>][] = [
        ['send', ({ channel, address }, _, signal) => channel.send(address, only(channel.render('x')), { signal })],
        [
          'edit',
          ({ channel, address }, id, signal) => channel.edit(address, id, only(channel.render('y')), { signal }),
        ],
        ['typing', ({ channel, address }, _, signal) => channel.typing(address, { signal })],
        ['confirmButton', ({ channel }, _, signal) => channel.confirmButton('1', { signal })],
      ];

      describe.each(requests)('%s', (_, request) => {
        const after =
          (act: (world: ChannelWorld, id: string) => void | Promise<void>, signal = never) =>
          async (world: ChannelWorld): Promise<Delivery> => {
            const id = await post(world, 'Before.');
            await act(world, id);
            return request(world, id, signal);
          };

        test(
          'waits as long as it is told',
          inWorld(async (world) => {
            const delivery = await after(({ trouble }) => trouble.tooMany(7))(world);
            expect(delivery.kind).toBe('wait');
            const ms = delivery.kind === 'wait' ? delivery.ms : 0;
            expect(ms).toBeGreaterThanOrEqual(7000);
            expect(ms).toBeLessThanOrEqual(9000);
          }),
        );

        test(
          'does not know when the answer is lost, or when the other side has an error',
          inWorld(async (world) => {
            expect(await after(({ trouble }) => trouble.lostAnswer())(world)).toMatchObject({ kind: 'unknown' });
            expect(await after(({ trouble }) => trouble.serverError())(world)).toMatchObject({ kind: 'unknown' });
          }),
        );

        test(
          'did not happen when nobody listens, or when it was given up before it began',
          inWorld(async (world) => {
            expect(await after(() => undefined, AbortSignal.abort())(world)).toMatchObject({ kind: 'unreachable' });
            const id = await post(world, 'Before.');
            await world.trouble.away();
            // A connection that was open may take one request to its grave.
            await expect.poll(() => request(world, id, never)).toMatchObject({ kind: 'unreachable' });
          }),
        );

        test(
          'says when the key is refused',
          inWorld(async (world) => {
            const delivery = await after(({ trouble }) => trouble.refusedToken())(world);
            expect(delivery).toMatchObject({ kind: 'rejected', reason: 'unauthorized' });
          }),
        );
      });

      test(
        'formatting that is refused is told apart: the same without it goes',
        inWorld(async ({ channel, address, trouble }) => {
          const content = only(channel.render('**x**'));
          trouble.refusedFormatting();
          const refused = await channel.send(address, content, { signal: never });
          expect(refused).toMatchObject({ kind: 'rejected', reason: 'formatting' });
          idOf(await channel.send(address, channel.plain(content), { signal: never }));
        }),
      );

      test(
        'a message to edit that was deleted is gone',
        inWorld(async (world) => {
          const id = await post(world, 'Before.');
          world.trouble.deleted(id);
          const edit = world.channel.edit(world.address, id, only(world.channel.render('After.')), { signal: never });
          expect(await edit).toMatchObject({ kind: 'rejected', reason: 'gone' });
        }),
      );

      test(
        'who wants no messages is told apart',
        inWorld(async ({ channel, address, trouble }) => {
          trouble.blocked();
          const refused = await channel.send(address, only(channel.render('Hello?')), { signal: never });
          expect(refused).toMatchObject({ kind: 'rejected', reason: 'blocked' });
        }),
      );
    });

    describe('pace', () => {
      test(
        'the first message may go at once, a second one has to wait, and a pause that was asked for is kept',
        inWorld(async (world) => {
          const { channel, address, trouble } = world;
          expect(channel.pace(address, 'send')).toBe(0);
          expect(channel.pace(address, 'edit')).toBe(0);
          expect(channel.pace(address, 'send')).toBeGreaterThan(0);
          trouble.tooMany(20);
          await channel.send(address, channel.placeholder, { signal: never });
          expect(channel.pace(address, 'send')).toBeGreaterThan(10_000);
          expect(channel.pace(address, 'edit')).toBeGreaterThan(10_000);
        }),
      );
    });

    describe('its life', () => {
      test(
        'starts, tells who it is, stops, and may be started and stopped at any time',
        inWorld(async ({ channel }) => {
          expect(channel.health()).toMatchObject({ state: 'off', lastError: null });
          await channel.stop();
          channel.start();
          channel.start();
          await expect
            .poll(() => channel.health())
            .toMatchObject({ state: 'up', lastError: null, account: expect.any(String) });
          expect(channel.health().mode).not.toBe('none');
          await channel.stop();
          await channel.stop();
          expect(channel.health()).toMatchObject({ state: 'off' });
          channel.start();
          await expect.poll(() => channel.health().state).toBe('up');
        }),
      );

      test(
        'that cannot begin is down, says why, and still stops',
        inWorld(async ({ channel, trouble }) => {
          await trouble.away();
          channel.start();
          await expect
            .poll(() => channel.health())
            .toMatchObject({
              state: 'down',
              lastError: { code: expect.any(String), message: expect.any(String), at: expect.any(Number) },
            });
        }),
      );
    });
  });
}
