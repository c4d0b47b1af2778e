function onPush() {}
