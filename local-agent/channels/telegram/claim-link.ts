/** The one-time link that lets its owner claim the bot (Bot API, "Deep linking"): pressing Start sends `/start <code>`. */

/** `code`: 1-64 of A-Z a-z 0-9 _ -. */
export const claimLink = (username: string, code: string): string => `https://t.me/${username}?start=${code}`;

/** The link as a QR code of half-block characters, for a terminal. */
export async function drawClaimLink(link: string): Promise<string> {
  // Needed once in the life of a device.
  const { renderUnicodeCompact } = await import('uqr');
  return renderUnicodeCompact(link, { ecc: 'L', border: 2 });
}
