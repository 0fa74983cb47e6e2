"""WeCom (企业微信), a self-built app (自建应用)."""
