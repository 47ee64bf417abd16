/** One requirement of a document, and the test that shows it. */

export interface Clause {
  /** Document, section, and a number of its own within the section. */
  id: string;
  /** As the document has it in capitals; `prose` where it says it without them, `ours` where it follows from the section but is not in it. */
  level:
    | 'MUST'
    | 'MUST NOT'
    | 'REQUIRED'
    | 'SHOULD'
    | 'SHOULD NOT'
    | 'RECOMMENDED'
    | 'NOT RECOMMENDED'
    | 'prose'
    | 'ours';
  /** Whose it is to keep: authorization server and resource server are the edge, the client is the device. */
  who: 'edge' | 'device';
  text: string;
  shown: { in: TestFile; by: string } | { notApplicable: string };
}

/** Where a title is looked for, below `test/`. */
export type TestFile = `${string}.ts`;

export const suites = {
  accessTokens: 'conformance/oauth/access-tokens.ts',
  deviceAuthorization: 'conformance/oauth/device-authorization.ts',
  device: 'conformance/oauth/device.test.ts',
  independent: 'conformance/oauth/independent-clients.ts',
  limits: 'conformance/oauth/limits.test.ts',
  metadata: 'conformance/oauth/metadata.ts',
  pages: 'conformance/oauth/pages.ts',
  polling: 'conformance/oauth/polling.ts',
  proofs: 'conformance/oauth/proofs.ts',
  resource: 'conformance/oauth/protected-resource.ts',
  refreshing: 'conformance/oauth/refreshing.ts',
  revoking: 'conformance/oauth/revoking.ts',
  // Of the rooms themselves.
  deskCore: 'workers/pairing/desk.test.ts',
  families: 'workers/pairing/tokens.test.ts',
  pairing: 'local-agent/edge-link/pairing/pair-device.test.ts',
  session: 'local-agent/edge-link/session.test.ts',
} as const satisfies Record<string, TestFile>;
