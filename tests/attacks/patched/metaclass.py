"""A class whose metaclass says that everything is an instance, and equal."""
# %% Dual
class Meta(type):
    def __instancecheck__(cls, other):
        return True
    def __eq__(cls, other):
        return True
    def __call__(cls, *args, **kwargs):
        carried_out()
        return super().__call__()
    __hash__ = type.__hash__

class Dual(metaclass=Meta):
    def __getattr__(self, name):
        return Dual()
    def __call__(self, *_):
        return Dual()
    __eq__ = __mul__ = __add__ = __sub__ = __radd__ = lambda *_: Dual()
    def __bool__(self):
        return True
    def __hash__(self):
        return 0
