/** How a view becomes an answer: the layout around it, and the policy that lets exactly what stands in it work. */
import { answerPage } from '../../guard/answer.ts';
import { digestText } from '../../guard/equal-bytes.ts';
import pageScript from './passkey.client.js' with { type: 'text' };
import pageStyle from './pages.css' with { type: 'text' };
import { layOut } from './views/layout.ts';
import type { PageFrame } from './views/view.ts';

export function createPageFrame(): PageFrame {
  let hashes: Promise<{ style: string; script: string }> | undefined;
  return {
    async answer(view, host, { status = 200, cookies, headers } = {}) {
      const { style, script } = await (hashes ??= hashParts());
      const needsScript = view.passkey === true;
      const html = await layOut(view, { host, style: pageStyle, script: needsScript ? pageScript : undefined });
      return answerPage(status, String(html), {
        style,
        script: needsScript ? script : undefined,
        ...(cookies && { cookies }),
        ...(headers && { headers }),
      });
    },
  };
}

async function hashParts(): Promise<{ style: string; script: string }> {
  const hash = async (text: string): Promise<string> =>
    `sha256-${btoa(String.fromCharCode(...(await digestText(text))))}`;
  return { style: await hash(pageStyle), script: await hash(pageScript) };
}
