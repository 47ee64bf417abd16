import { describe, expect, it } from 'vitest';
import { readEdgeOrigin } from '../../../local-agent/core/edge-origin.ts';
import { readSettings } from '../../../local-agent/core/settings.ts';

describe('the address of an edge', () => {
  it('is read as people write it', () => {
    for (const [text, origin] of [
      ['https://edge.example', 'https://edge.example'],
      ['HTTPS://Edge.Example:443/', 'https://edge.example'],
      ['edge.example', 'https://edge.example'],
      ['https://edge.example/pair?user_code=X#y', 'https://edge.example'],
      ['http://127.0.0.1:8787', 'http://127.0.0.1:8787'],
      ['http://localhost:8787/', 'http://localhost:8787'],
      ['http://[::1]:8787', 'http://[::1]:8787'],
    ])
      expect(readEdgeOrigin(text ?? ''), text).toBe(origin);
  });

  it('is refused when others could listen in, or when it hides something', () => {
    for (const text of [
      'http://edge.example',
      'http://192.168.1.2:8787',
      'http://localhost.example',
      'http://127.0.0.1.example',
      'https://user:secret@edge.example',
      'ftp://edge.example',
      'javascript:alert(1)',
      '',
      'https://',
    ])
      expect(readEdgeOrigin(text), text).toBeUndefined();
  });

  it('in PRYX_EDGE_URL is the same, and what is wrong with it is said without it', () => {
    expect(readSettings({ PRYX_EDGE_URL: 'https://edge.example/' }).edge).toEqual({ origin: 'https://edge.example' });
    expect(readSettings({ PRYX_EDGE_URL: '' }).edge).toBeNull();
    expect(() => readSettings({ PRYX_EDGE_URL: 'http://edge.example' })).toThrow(
      expect.objectContaining({ code: 'config_invalid', message: expect.not.stringContaining('example') }),
    );
  });
});
