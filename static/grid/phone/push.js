export const state = async () => "absent";
