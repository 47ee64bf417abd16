import { expect, it } from 'vitest';
import { explainOldNode } from '../../../local-agent/cli/check-node.ts';

it('a Node that is too old is told so, and no other', () => {
  for (const version of ['18.19.0', '20.20.2', '24.20.9'])
    expect(explainOldNode(version)).toContain(`this is Node ${version}`);
  for (const version of ['24.21.0', '24.100.0', '25.0.0', '26.1.0']) expect(explainOldNode(version)).toBeUndefined();
});
