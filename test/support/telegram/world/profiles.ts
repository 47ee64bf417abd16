/** People and groups come and go: the part of `People` that says nothing. */
import type { Chat, ChatMember } from 'grammy/types';
import { unixTime } from '../methods/context.ts';
import type { GroupProfile, People } from '../types.ts';
import { getChat, getUser, type PeopleDeps } from './people-deps.ts';
import type { ChatState } from './world.ts';

type Profiles = Pick<
  People,
  | 'createUser'
  | 'createGroup'
  | 'createSupergroup'
  | 'createTopic'
  | 'openPrivateChat'
  | 'block'
  | 'unblock'
  | 'removeBot'
>;

export function createProfiles(deps: PeopleDeps): Profiles {
  const { world, queue, now } = deps;
  let users = 0;
  let groups = 0;

  const checkMembers = ({ members }: GroupProfile): readonly number[] =>
    members.map((member) => getUser(deps, member).id);

  /** https://core.telegram.org/bots/api#chatmemberupdated */
  const changeMembership = (chat: ChatState, user: number, from: ChatMember['status'], to: ChatMember['status']) => {
    const member = (status: ChatMember['status']): Record<string, unknown> => ({
      user: world.bot,
      status,
      ...(status === 'kicked' ? { until_date: 0 } : {}),
    });
    const updateId = queue.push('my_chat_member', {
      chat: chat.raw,
      from: getUser(deps, user),
      date: unixTime(now()),
      old_chat_member: member(from),
      new_chat_member: member(to),
    });
    return { updateId };
  };

  return {
    createUser(profile = {}) {
      users += 1;
      const { id = 700_000_000 + users, firstName = `Person ${users}`, lastName, username, isBot = false } = profile;
      const user = {
        id,
        is_bot: isBot,
        first_name: firstName,
        ...(lastName === undefined ? {} : { last_name: lastName }),
        ...(username === undefined ? {} : { username }),
        ...(isBot ? {} : { language_code: profile.languageCode ?? 'en' }),
      };
      world.addUser(user);
      return user;
    },
    createGroup(profile) {
      groups += 1;
      const { title = `Group ${groups}` } = profile;
      const raw = { id: -4_000_000_000 - groups, title, type: 'group', all_members_are_administrators: true };
      return world.addGroup('group', raw as Chat, checkMembers(profile)).raw.id;
    },
    createSupergroup(profile) {
      groups += 1;
      const { title = `Group ${groups}`, username, forum = false } = profile;
      const raw = {
        id: -1_002_000_000_000 - groups,
        title,
        ...(username === undefined ? {} : { username }),
        type: 'supergroup',
        ...(forum ? { is_forum: true } : {}),
      };
      return world.addGroup('supergroup', raw as Chat, checkMembers(profile)).raw.id;
    },
    createTopic(id, name) {
      const chat = getChat(deps, id);
      if (!chat.forum) throw new Error(`Chat ${id} has no topics.`);
      const topic = world.nextMessageId(chat);
      chat.topics.set(topic, name);
      return topic;
    },
    openPrivateChat(user) {
      getChat(deps, user).botMayWrite = true;
    },
    block(user) {
      getChat(deps, user).blocked = true;
      return changeMembership(getChat(deps, user), user, 'member', 'kicked');
    },
    unblock(user) {
      getChat(deps, user).blocked = false;
      return changeMembership(getChat(deps, user), user, 'kicked', 'member');
    },
    removeBot(user, id) {
      const chat = getChat(deps, id);
      chat.blocked = true;
      return changeMembership(chat, user, 'member', 'kicked');
    },
  };
}
