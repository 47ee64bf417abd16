/** The one-time link that lets its owner claim the bot (Bot API, "Deep linking"): pressing Start sends `/start <code>`. */

/** `code`: 1-64 of A-Z a-z 0-9 _ -. */
export const claimLink = (username: string, code: string): string => `https://t.me/${username}?start=${code}`;
