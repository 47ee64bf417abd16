/** `pryx dev` keeps a channel open to what it starts: when that closes, the parent is dead, and its children must not stay behind. */
export function stopWithParent(): void {
  if (process.channel === undefined) return;
  process.channel.unref();
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}
