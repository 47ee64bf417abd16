/** How a conversation is named in a link, in an address and on a command line: by its number, which has one spelling. */

/** Within what a JavaScript number counts exactly. */
const plain = /^[1-9]\d{0,14}$/;

/** `undefined` for what is no number of a conversation. */
export const readConversationId = (text: string): number | undefined => (plain.test(text) ? Number(text) : undefined);
