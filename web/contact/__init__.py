"""The contact page: a plain form that needs neither JavaScript nor the engine nor the actions."""
