/** A page, before the layout is put around it. */
import type { html } from 'hono/html';

export type Html = ReturnType<typeof html>;

export interface View {
  /** What a program knows it by. */
  page: string;
  /** With `page` "error": the code of the error. */
  code?: string;
  title: string;
  body: Html;
  /** It calls for a passkey, and so needs our script. */
  passkey?: boolean;
  /** Somebody is signed in who could go to the account. */
  signedIn?: boolean;
}

/** Makes an answer of a view. */
export interface PageFrame {
  answer(
    view: View,
    host: string,
    options?: { status?: number; cookies?: readonly string[]; headers?: Record<string, string> },
  ): Promise<Response>;
}
