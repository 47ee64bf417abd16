/** The device's own keys, the edge that it trusts and its tokens there, and small facts. */
import { integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { DeviceKeys } from '../../../shared/api/edge.ts';
import type { SigningJwk } from '../../../shared/wire/signature.ts';

export const deviceKey = sqliteTable('device_key', {
  id: integer().primaryKey(),
  identity: text({ mode: 'json' }).$type<DeviceKeys['identity']>().notNull(),
  sealing: text({ mode: 'json' }).$type<DeviceKeys['sealing']>().notNull(),
  createdAt: real('created_at').notNull(),
});

export const edge = sqliteTable('edge', {
  origin: text().primaryKey(),
  deviceId: text('device_id').notNull(),
  pinnedKeys: text('pinned_keys', { mode: 'json' }).$type<SigningJwk[]>().notNull(),
  have: integer().notNull().default(0),
  pinnedAt: real('pinned_at').notNull(),
  statement: integer().notNull().default(0),
});

export const edgeSession = sqliteTable('edge_session', {
  origin: text().primaryKey(),
  tokenEndpoint: text('token_endpoint').notNull(),
  refreshToken: text('refresh_token'),
  accessToken: text('access_token'),
  accessExpiresAt: real('access_expires_at'),
  pairedAt: real('paired_at').notNull(),
  changedAt: real('changed_at').notNull(),
});
export type EdgeSessionRow = typeof edgeSession.$inferSelect;

export const setting = sqliteTable('setting', {
  name: text().primaryKey(),
  value: text().notNull(),
  updatedAt: real('updated_at').notNull(),
});

export const principal = sqliteTable('principal', {
  id: integer().primaryKey(),
  channel: text().notNull(),
  userId: text('user_id').notNull(),
  name: text().notNull(),
  role: text({ enum: ['owner'] }).notNull(),
  createdAt: real('created_at').notNull(),
});
