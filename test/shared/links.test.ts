import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PryxError } from '../../shared/error.ts';
import { parseLink } from '../../shared/links.ts';

test.each([
  ['pryx://pair?edge=https://edge.example.com', { to: 'pair', edge: 'https://edge.example.com' }],
  ['pryx://pair/?edge=https%3A%2F%2Fedge.example.com%2F', { to: 'pair', edge: 'https://edge.example.com' }],
  ['PRYX://pair?edge=https://EDGE.example.com:8443', { to: 'pair', edge: 'https://edge.example.com:8443' }],
  ['pryx://pair/done', { to: 'pairing-done' }],
  ['pryx://devices', { to: 'devices' }],
  ['pryx://devices/', { to: 'devices' }],
  ['pryx://status', { to: 'status' }],
  ['pryx://settings', { to: 'settings' }],
  ['pryx://session/1', { to: 'session', id: 1 }],
  ['PRYX://Session/900719925474099/', { to: 'session', id: 900_719_925_474_099 }],
])('%s leads where it says', (link, place) => {
  expect(parseLink(link)).toEqual(place);
});

test.each([
  ['of another scheme', 'https://pair?edge=https://edge.example.com'],
  ['of a scheme that runs programs', 'javascript:alert(1)//pryx://status'],
  ['without a place', 'pryx://'],
  ['without slashes', 'pryx:status'],
  ['to a place that is not there', 'pryx://nowhere/1'],
  ['to no session', 'pryx://session'],
  ['to a session without an id', 'pryx://session/'],
  ['to a session by a word', 'pryx://session/evil'],
  ['to a session before the first', 'pryx://session/0'],
  ['to a session below nothing', 'pryx://session/-1'],
  ['to a session written otherwise', 'pryx://session/007'],
  ['to a session in hexadecimal', 'pryx://session/0x10'],
  ['to a session with an exponent', 'pryx://session/1e3'],
  ['to a session hidden in an escape', 'pryx://session/%31'],
  ['to a session beyond what can be counted', 'pryx://session/9007199254740993'],
  ['to a session and on', 'pryx://session/1/evil'],
  ['to a session and back', 'pryx://session/1/../../devices'],
  ['to a session with more', 'pryx://session/1?evil=1'],
  ['to a session with SQL', "pryx://session/1'--"],
  ['to settings that are to be changed', 'pryx://settings?PRYX_EDGE_URL=https://evil.example'],
  ['to one of the settings', 'pryx://settings/evil'],
  ['to more than there is', 'pryx://status/and/more'],
  ['that climbs', 'pryx://pair/../status/x'],
  ['with a user', 'pryx://root@status'],
  ['with a password', 'pryx://root:secret@devices'],
  ['with a port', 'pryx://status:80'],
  ['with a fragment', 'pryx://status#x'],
  ['with what was not asked for', 'pryx://status?yes=1'],
  ['without an edge', 'pryx://pair'],
  ['with two edges', 'pryx://pair?edge=https://a.example&edge=https://b.example'],
  ['with an edge and more', 'pryx://pair?edge=https://a.example&yes=true'],
  ['with an edge over http', 'pryx://pair?edge=http://edge.example.com'],
  ['with an edge that is a script', 'pryx://pair?edge=javascript:alert(1)'],
  ['with an edge that has a user', 'pryx://pair?edge=https://edge.example.com@evil.example'],
  ['with an edge and a path', 'pryx://pair?edge=https://edge.example.com/pair'],
  ['with an edge and a question', 'pryx://pair?edge=https://edge.example.com/%3Fa=b'],
  ['with an edge and a fragment', 'pryx://pair?edge=https://edge.example.com/%23a'],
  ['with a hidden line end in the edge', 'pryx://pair?edge=https://edge.example.com%0d%0aevil'],
  ['with a tab in the edge', 'pryx://pair?edge=https://edge%09.example.com'],
  ['with a right-to-left override', 'pryx://status\u202e'],
  ['with an escape sequence', 'pryx://status\u001b[2J'],
  ['with a line end', 'pryx://status\n'],
  ['with a space before', ' pryx://status'],
  ['that is huge', `pryx://pair?edge=https://${'a'.repeat(3000)}.example`],
  ['that is empty', ''],
])('a link %s is refused, without repeating it', (_what, link) => {
  const error = catchError(() => parseLink(link));
  expect(error).toMatchObject({ code: 'usage', hint: expect.stringContaining('pryx://') });
  expect(error.message).not.toContain('evil');
});

test('whatever comes, the answer is a place or a refusal, and an edge is a plain https origin', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.webUrl().map((url) => `pryx://pair?edge=${url}`),
        fc.string().map((id) => `pryx://session/${id}`),
      ),
      (text) => {
        try {
          const link = parseLink(text);
          if (link.to === 'pair') expect(link.edge).toBe(new URL(link.edge).origin);
          if (link.to === 'pair') expect(link.edge).toMatch(/^https:/);
          if (link.to === 'session') expect(link.id).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(PryxError);
        }
      },
    ),
  );
});

function catchError(work: () => unknown): PryxError {
  try {
    work();
  } catch (error) {
    if (error instanceof PryxError) return error;
  }
  throw new Error('It was not refused.');
}
