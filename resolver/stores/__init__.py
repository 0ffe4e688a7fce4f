"""Where the resolver keeps what outlives a process: the only modules that know SQL or Redis."""
