/**
 * Loaded into every part that the launcher starts (node --import): when the launcher is gone, even by kill -9, the
 * part stops as if it had been asked to.
 */
if (process.channel) {
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // the channel alone is no reason to stay alive
  process.channel.unref();
}
