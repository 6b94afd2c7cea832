from hypothesis import settings

settings.register_profile("zhikong", deadline=None)  # a busy machine is no fault
settings.load_profile("zhikong")
