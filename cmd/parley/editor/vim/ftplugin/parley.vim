setlocal noexpandtab comments=:// commentstring=//\ %s
