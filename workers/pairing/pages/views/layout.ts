/** What every page has around it. */
import { html, raw } from 'hono/html';
import type { Html, View } from './view.ts';

interface Around {
  /** Of the edge, so that one sees where one is. */
  host: string;
  style: string;
  script: string | undefined;
}

export function layOut({ page, code, title, body, signedIn }: View, { host, style, script }: Around): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, nofollow">
<meta name="format-detection" content="telephone=no">
<title>${title} · Pryx</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
<style>${raw(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the page</a>
<header class="site">
<span class="mark">${raw(icon)}<span>Pryx</span></span>
<span class="host">${host}</span>
</header>
<main id="main" data-page="${page}"${code === undefined ? '' : html` data-code="${code}"`}>
${body}
</main>
<footer class="site">${
    signedIn === true
      ? html`<a href="/account">Your account</a>`
      : html`The public door of a personal agent. What waits here is sealed.`
  }</footer>
${script === undefined ? '' : html`<script>${raw(script)}</script>`}
</body>
</html>`;
}

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false"><rect width="32" height="32" rx="9" fill="#0f5c55"/><path d="M11 24V9h6.2a4.9 4.9 0 0 1 0 9.8H11" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/><circle cx="22.5" cy="23" r="2" fill="#7fe0d2"/></svg>`;
