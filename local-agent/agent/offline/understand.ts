/** What somebody may want from an assistant without a model, read from a few plain forms of English. Pure. */
export type Intent =
  | { kind: 'remember' | 'recall' | 'forget' | 'said'; about: string }
  | { kind: 'time' | 'greeting' | 'thanks' | 'help' | 'unknown' };

type About = Extract<Intent, { about: string }>['kind'];

/** The first that matches counts. Each has one group: what it is about. Questions come before orders: “do you remember my code?” keeps nothing. */
const forms: readonly (readonly [About, RegExp])[] = [
  [
    'said',
    /^(?:what|when) (?:did|have) (?:i|we|you) (?:say|said|tell|told|talk|talked|write|written|mention|mentioned)(?: you| me)?(?: (?:about|on|of))? (.+)$/is,
  ],
  [
    'recall',
    /^what (?:do|did|can) (?:you|i) (?:still )?(?:remember|know|recall|tell you to remember|ask you to remember)(?: about| of)?(.*)$/is,
  ],
  ['recall', /^(?:do|can|did) you (?:still )?(?:remember|recall)(?: about)? (.+)$/is],
  [
    'remember',
    /^(?:please,? )?(?:remember|memori[sz]e|note|keep in mind|do not forget|don't forget)(?: that|:)?\s(.+[^?])$/is,
  ],
  ['forget', /^(?:please,? )?forget (?!(?:about )?(?:it|that)$)(?:about |that )?(.+)$/is],
];

/** The whole message, or it is about something else: “what time is it in Tokyo” is not ours to answer. */
const bare: readonly (readonly [Exclude<Intent['kind'], About | 'unknown'>, RegExp])[] = [
  [
    'time',
    /^(?:what(?:'s| is) (?:the )?(?:time|date|day)|what (?:time|date|day) is it|what(?:'s| is) today)(?: (?:now|today|please))*\W*$/i,
  ],
  [
    'greeting',
    /^(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|hallo|moin|servus|salut|bonjour|hola|ciao)(?:[,\s]+(?:pryx|there|again|you|all))*\W*$/i,
  ],
  ['thanks', /^(?:thanks|thank you|thx|cheers)(?:[,\s]+(?:pryx|again|a lot|so much|very much))*\W*$/i],
  ['help', /^(?:help|help me|what can you do|who are you|how do i add a model)\W*$/i],
];

export function understand(text: string): Intent {
  const said = text.trim().replaceAll('’', "'");
  for (const [kind, form] of forms) {
    const about = form.exec(said)?.[1];
    if (about !== undefined) return { kind, about: about.replaceAll(/^\s+|[?!.\s]+$/g, '') };
  }
  const kind = bare.find(([, form]) => form.test(said))?.[0];
  return { kind: kind ?? 'unknown' };
}
