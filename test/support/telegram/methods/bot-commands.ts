/** setMyCommands, getMyCommands, deleteMyCommands (https://core.telegram.org/bots/api#setmycommands; BotCommand.cpp of TDLib). */
import type { BotCommand } from 'grammy/types';
import { badRequest } from '../protocol/bot-api-error.ts';
import { type Context, findChat } from './context.ts';

interface Params {
  commands: BotCommand[];
  scope?: { type: string; chat_id?: number | string };
  language_code?: string;
}

export function setMyCommands(params: Params, context: Context): true {
  if (params.commands.length > 100) throw badRequest('BOT_COMMANDS_TOO_MUCH');
  const commands = params.commands.map(readCommand);
  context.commands.set(keyOf(params, context), commands);
  return true;
}

export function getMyCommands(params: Omit<Params, 'commands'>, context: Context): unknown {
  return context.commands.get(keyOf(params, context)) ?? [];
}

export function deleteMyCommands(params: Omit<Params, 'commands'>, context: Context): true {
  context.commands.delete(keyOf(params, context));
  return true;
}

function readCommand(given: BotCommand): BotCommand {
  const command = given.command.trim().replace(/^\//, '');
  const description = given.description.trim();
  if (command === '') throw badRequest('command must be non-empty');
  if (command.length > 32) throw badRequest('command length must not exceed 32');
  if (description === '') throw badRequest('command description must be non-empty');
  if (description.length > 256) throw badRequest('command description length must not exceed 256');
  if (!/^[a-z0-9_]+$/.test(command)) throw badRequest('BOT_COMMAND_INVALID');
  return { ...given, command, description };
}

function keyOf({ scope, language_code: language = '' }: Omit<Params, 'commands'>, context: Context): string {
  if (language !== '' && !/^[a-z]{2}$/.test(language)) throw badRequest('invalid language code specified');
  if (scope?.chat_id !== undefined) findChat(context, scope.chat_id);
  return JSON.stringify([scope ?? { type: 'default' }, language]);
}
